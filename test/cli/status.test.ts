import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../../cli/command-line/table.ts';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import { findingsOf, worst } from '../../cli/status/findings.ts';
import { firstPorts, type Reading } from '../../cli/status/measure.ts';
import { statusHead, statusRows } from '../../cli/status/rows.ts';
import { findUnexpectedPorts } from '../../cli/status/unexpected-ports.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import { host, projectWith } from './fixture.ts';

const sealed: Reading = {
  family: 4,
  address: '10.213.1.2',
  now: {
    ssh: 'silent',
    wasOpen: false,
    backup: 'silent',
    served: [
      { port: 4002, purpose: 'p2p devnet', state: 'refused', admitted: true },
      { port: 4003, purpose: 'public api', state: 'silent', admitted: false },
    ],
  },
  afterKnock: { ssh: 'open', knocks: 1, milliseconds: 88, closed: 'sequence' },
};

function reading(
  now: Partial<NonNullable<Reading['now']>>,
  afterKnock: Reading['afterKnock'] = sealed.afterKnock,
): Reading {
  return { ...sealed, now: sealed.now === null ? null : { ...sealed.now, ...now }, afterKnock };
}

const served = { port: 4002, purpose: 'p2p devnet' };

describe('what is as promised', () => {
  const verdict = (seen: Reading) => worst(findingsOf(host('devnet-1'), seen));

  it('is a closed door that opens for the knock, and served ports that pass', () => {
    expect(verdict(sealed)).toBe(0);
    expect(verdict(reading({ wasOpen: true }))).toBe(0);
    expect(verdict(reading({}, null))).toBe(0);
    expect(verdict({ ...sealed, now: null, afterKnock: null })).toBe(0);
  });

  it('is not a port that answers although nothing opens it, unless the host keeps rules of its own', () => {
    const strays = [
      { first: 8080, last: 8080, state: 'open' },
      { first: 9000, last: 9003, state: 'refused' },
    ] as const;
    const seen = reading({ strays });
    expect(verdict(seen)).toBe(4);
    expect(findingsOf(host('devnet-1'), seen).map(({ text }) => text)).toEqual([
      'tcp 8080 is OPEN, and the configuration opens no such port',
      'tcp 9000–9003 answers with a reset, and the configuration opens no such port',
    ]);
    const access = { to: 'unknown' } as const;
    const exposure = [{ family: 'ipv4', protocol: 'any', port: null, access, purpose: 'kept' }] as const;
    expect(findingsOf(host('devnet-1', { exposure }), seen)).toEqual([]);
  });

  it.each([
    [reading({ ssh: 'open' }, null), 4],
    [reading({ ssh: 'refused' }, null), 4],
    [reading({ backup: 'open' }), 4],
    [reading({ backup: 'refused' }), 4],
    [reading({ served: [{ ...served, state: 'open', admitted: false }] }), 4],
    [reading({}, { ssh: 'silent' }), 3],
    [reading({}, { ssh: 'open', knocks: 1, milliseconds: 90, closed: 'no' }), 3],
    [reading({ served: [{ ...served, state: 'silent', admitted: true }] }), 1],
    [
      reading(
        { backup: 'open', served: [{ ...served, state: 'silent', admitted: true }] },
        { ssh: 'silent' },
      ),
      4,
    ],
  ])('is not case %#, and the exit status is the worst of it', (seen, code) => {
    expect(verdict(seen)).toBe(code);
  });
});

it('shows a fleet in a table of 100 columns', async () => {
  const hosts = [
    statusRows(host('devnet-1'), [sealed, { ...sealed, family: 6, address: 'fd0a:d213:1::2' }]),
    statusRows(host('devnet-2'), [
      reading(
        { ssh: 'open', backup: 'refused', served: [{ ...served, state: 'silent', admitted: true }] },
        null,
      ),
    ]),
    statusRows(host('devnet-3'), [reading({ wasOpen: true }, { ssh: 'silent' })]),
    statusRows(host('devnet-4'), [{ ...sealed, now: null, afterKnock: null }]),
    statusRows(host('devnet-6'), [reading({ strays: [{ first: 8080, last: 8081, state: 'open' }] })]),
    statusRows(host('devnet-5', { address: 'gone.example' }), []),
  ];
  const text = table(statusHead, hosts.flat(), { width: 100, color: false });
  await expect(text).toMatchFileSnapshot('golden/status.txt');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

describe('measuring', () => {
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address !== null && typeof address !== 'string') port = address.port;
  });
  afterAll(() => {
    server.close();
  });

  it('ends with status 4 and says so where something answers that has to be closed', async () => {
    const { postern } = projectWith({
      devnet: { hosts: [host('devnet-1', { sshPort: port, backupPort: 1 })] },
    });
    const { code, stdout } = await postern('status', '--no-knock');
    expect(code).toBe(4);
    expect(stdout).toContain(`${port} ssh OPEN!`);
    expect(stdout).toContain(`devnet-1: 127.0.0.1: ssh port ${port} is OPEN without a knock`);
    expect(stdout).toContain('2026-11-21 09:57Z');
  });

  it('tells a machine the same', async () => {
    const { postern } = projectWith({
      devnet: { hosts: [host('devnet-1', { sshPort: port, backupPort: 1 })] },
    });
    const { code, stdout } = await postern('status', '--no-knock', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toEqual([
      {
        stack: 'devnet',
        host: 'devnet-1',
        lastChange: '2026-11-21T09:57:55Z',
        lastFailure: null,
        unverified: [],
        readings: [
          {
            family: 'ipv4',
            address: '127.0.0.1',
            now: { ssh: 'open', wasOpen: false, backup: 'refused', served: [] },
            afterKnock: null,
          },
        ],
        problems: [expect.stringContaining('is OPEN'), expect.stringContaining('answers with a reset')],
      },
    ]);
  });

  it('finds what answers on the other ports, and joins neighbours', async () => {
    const options = { address: '127.0.0.1', vantage: localVantage(), silence: 250 };
    const ports = [1, 2, 3, 4, port, 5];
    expect(await findUnexpectedPorts({ ...options, known: [3], ports })).toEqual([
      { first: 1, last: 2, state: 'refused' },
      { first: 4, last: 5, state: 'refused' },
      { first: port, last: port, state: 'open' },
    ]);
  });

  it('looks at the port of the first way in, where a host answers that was restored or made anew', async () => {
    const silent = { sshPort: 1, backupPort: 2 };
    const { postern } = projectWith({
      devnet: { hosts: [host('devnet-1', { ...silent, firstPort: port })] },
    });
    const { code, stdout } = await postern('status', '--no-knock');
    expect(code).toBe(4);
    expect(stdout).toContain(`${port} first OPEN!`);
    expect(stdout).toContain(
      `port ${port} is OPEN, as before the first change: the host may have been restored`,
    );
  });

  it('looks at port 22 besides, which a fresh image has open, unless it serves or may be opened by others', () => {
    const told = (more: Partial<FleetHost>, known = [2200, 2222]) =>
      firstPorts({ firstPort: 2022, exposure: [], ...more }, known);
    expect(told({})).toEqual([2022, 22]);
    expect(told({ firstPort: 22 })).toEqual([22]);
    expect(told({ firstPort: null })).toEqual([]);
    expect(told({}, [22, 2222])).toEqual([2022]);
    const access = { to: 'unknown' } as const;
    const exposure = [{ family: 'ipv4', protocol: 'any', port: null, access, purpose: 'kept' }] as const;
    expect(told({ exposure })).toEqual([2022]);
  });

  it('says what was not verified when a host was sealed', async () => {
    const gap = 'IPv6 is not verified: no route leads from this machine to 2001:db8::7';
    const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { unverified: [gap] })] } });
    const { stdout } = await postern('status', '--no-knock');
    expect(stdout).toContain(`Not verified when last sealed:\n  devnet-1: ${gap}\n`);
    expect(JSON.parse((await postern('status', '--no-knock', '--json')).stdout)).toMatchObject([
      { unverified: [gap] },
    ]);
  });

  it('has a row for a host that is configured and was never sealed, and does not call that as promised', async () => {
    const failure =
      'The step "packages" failed: no space\nThe host: is as it was.\nNext: run `pulumi up` again.';
    const began = '2026-11-21T09:57:10.000Z';
    const names = ['devnet-1', 'devnet-2', 'devnet-3'];
    const config = { 'postern:hosts': { objectValue: names.map((name) => ({ name })) } };
    const results = { 'devnet-2': { began, ended: began, failure } };
    for (const hosts of [[host('devnet-1', { sshPort: 1, backupPort: 2 })], []]) {
      const { postern } = projectWith({ devnet: { hosts, config, results } });
      const { stdout } = await postern('status', '--no-knock');
      expect(stdout).toMatch(/^devnet-2 +192\.0\.2\.7 +- +NOT SEALED +- +never$/m);
      expect(stdout).toContain(
        'devnet-2: is configured and not sealed: its hardening failed (2026-11-21 09:57Z)',
      );
      expect(stdout).toContain(
        'devnet-3: is configured and not sealed: no state has it, and nothing was done to it from this machine.\n    Harden it: npm run up -- devnet',
      );
      expect(stdout).not.toContain('as promised.');
      expect(JSON.parse((await postern('status', '--no-knock', '--json')).stdout)).toContainEqual(
        expect.objectContaining({ host: 'devnet-2', lastChange: null }),
      );
    }
  });

  it('says that a change failed since a host was sealed', async () => {
    const result = {
      began: '2026-11-22T09:57:10.000Z',
      ended: '2026-11-22T09:58:10.000Z',
      failure: 'It failed.',
    };
    const shown = async (before: string) => {
      const results = { 'devnet-1': { ...result, before } };
      const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')], results } });
      return (await postern('status', '--no-knock')).stdout;
    };
    expect(await shown('2026-11-21T09:57:55Z')).toContain('  devnet-1: 2026-11-22 09:57Z: It failed.\n');
    expect(await shown('2026-11-20T09:57:55Z')).not.toContain('It failed.');
  });

  it('says that an operation was interrupted, and what to do', async () => {
    const interrupted = 'a `destroy` of devnet-1, begun on this machine, was interrupted';
    const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { interrupted })] } });
    const { code, stdout } = await postern('status', '--no-knock');
    expect(code).toBeGreaterThan(0);
    expect(stdout).toContain(`devnet-1: ${interrupted}. Run \`npm run up -- devnet\`: it enters`);
  });

  it('ends with status 1 where a host cannot be looked at', async () => {
    const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { address: 'gone.invalid' })] } });
    expect(await postern('status')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('does not resolve'),
    });
  });
});
