import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import type { HostOutput } from '../../components/outputs.ts';
import type { Access, Exposure } from '../../posture/exposure/exposure.ts';
import { host, projectWith } from './fixture.ts';

const anywhere: Access = { to: 'anywhere' };

function row(port: number, purpose: string, access: Access): Exposure[] {
  return (['ipv4', 'ipv6'] as const).map((family) => ({ family, protocol: 'tcp', port, access, purpose }));
}

const evidence: HostOutput['evidence'] = ['ipv4', 'ipv6', 'ipv4'].map((family) => ({
  check: 'ssh port 22',
  family,
  expected: 'silent',
  seen: 'silent',
  at: '2026-11-21T09:57:50Z',
}));

const devnet = {
  hosts: [
    host('devnet-1', {
      address: '10.213.1.2',
      addressV6: 'fd0a:d213:1::2',
      exposure: [
        ...row(4002, 'p2p devnet', anywhere),
        ...row(4003, 'public api', { to: 'networks', networks: ['203.0.113.0/24'] }).slice(0, 1),
        ...row(22, 'ssh', { to: 'knocker', seconds: 30 }),
      ],
      evidence,
    }),
    host('devnet-2', {
      // On loopback, because it is looked at.
      ...{ address: '127.0.0.2', sshPort: 1 },
      exposure: row(22, 'ssh', { to: 'knocker', seconds: null }),
      evidence: evidence.slice(0, 1),
    }),
  ],
};

it('ends an `up`: what is reachable now, what after a knock, the evidence, and the next command', async () => {
  const { code, stdout, stderr } = await projectWith({ devnet }).postern('summary', '--stack', 'devnet');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await expect(stdout).toMatchFileSnapshot('golden/summary.txt');
});

const RUN = '2026-11-21T09:57:00Z';
const failure =
  'The step "verify" failed: ssh port 22 after the right sequence (ipv4): expected open, saw still closed after 2 tries\nThe host: is as it was.\nNext: run `pulumi up` again.';
const configured = (...names: string[]) => ({
  'postern:hosts': {
    objectValue: names.map((name) => ({ name, target: { type: 'existing', address: '192.0.2.9' } })),
  },
});

it('says of every host what a run made of it, and why one failed, without cutting a line', async () => {
  const began = '2026-11-21T09:57:10.000Z';
  const ended = '2026-11-21T09:57:55.000Z';
  const hosts = [...devnet.hosts, host('devnet-3', { address: '10.213.3.2' })];
  const results = {
    'devnet-1': { began, ended },
    'devnet-3': { began, ended, failure },
    'devnet-5': { began, ended, failure: 'Could not log in: no route' },
    'devnet-6': { began },
  };
  const config = configured('devnet-1', 'devnet-2', 'devnet-3', 'devnet-4', 'devnet-5', 'devnet-6');
  const { postern } = projectWith({ devnet: { hosts, results, config } });
  const { code, stdout } = await postern('summary', '--stack', 'devnet', '--since', RUN);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('golden/summary-run.txt');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

describe('a host that a run left unchanged', () => {
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
    vi.unstubAllEnvs();
  });

  const told = async (more: Partial<FleetHost>) => {
    const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', more)] } });
    return (await postern('summary', '--since', RUN)).stdout.replaceAll(/\s+/g, ' ');
  };

  /** A tool in front of the system's that finds these host keys. */
  function shows(key: string): void {
    const folder = mkdtempSync(join(tmpdir(), 'postern-keyscan-'));
    writeFileSync(join(folder, 'ssh-keyscan'), `#!/bin/sh\necho "127.0.0.1 ${key}"\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  }

  it('is not called so where it is open on its first port: it was restored or made anew', async () => {
    const stdout = await told({ sshPort: 1, firstPort: port });
    expect(stdout).toContain('NOT AS SEALED');
    expect(stdout).toContain(`port ${port} of 127.0.0.1 is open without a knock, as before its first change`);
    expect(stdout).toContain('`npm run up -- devnet --refresh`');
  });

  it('is not called so where its open ssh port shows other host keys; with its own, somebody has knocked', async () => {
    const [own = ''] = host('devnet-1').hostKeys;
    shows(own);
    expect(await told({ sshPort: port })).toContain('unchanged');
    shows('ssh-ed25519 AAAAother');
    expect(await told({ sshPort: port })).toContain(
      `port ${port} of 127.0.0.1 is open and shows host keys that are none of its own`,
    );
  });
});

it('says loudly what was not verified', async () => {
  const gap = 'IPv6 is not verified: no route leads from this machine to 2001:db8::7';
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { evidence, unverified: [gap] })] } });
  const { stdout } = await postern('summary');
  expect(stdout).toMatch(/ NOT ALL VERIFIED$/m);
  expect(stdout).toContain(`devnet-1, not verified: ${gap}.`);
});

it('lists a fleet of which no host was ever sealed', async () => {
  const results = { 'devnet-1': { began: RUN, ended: RUN, failure } };
  const { postern } = projectWith({
    devnet: { hosts: [], results, config: configured('devnet-1', 'devnet-2') },
  });
  const { code, stdout } = await postern('summary', '--stack', 'devnet');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^devnet-1 {2}FAILED /m);
  expect(stdout).toMatch(/^devnet-2 {2}NOT SEALED /m);
});

it('says of a host that was sealed from here, and that no state has, that both are so', async () => {
  const results = { 'devnet-1': { began: RUN, ended: '2026-11-21T09:57:55.000Z' } };
  const { postern } = projectWith({ devnet: { hosts: [], results, config: configured('devnet-1') } });
  const { stdout } = await postern('summary');
  expect(stdout).toContain(
    'devnet-1 not sealed: it was sealed from here 2026-11-21 09:57Z, and no state has',
  );
});

it('takes no failure for the present where the state is newer: another machine may have brought it there', async () => {
  const shown = async (before: string) => {
    const results = { 'devnet-1': { began: RUN, ended: RUN, before, failure } };
    return (await projectWith({ devnet: { ...devnet, results } }).postern('summary')).stdout;
  };
  expect(await shown('2026-11-21T09:57:55Z')).toContain('FAILED');
  expect(await shown('2026-11-20T00:00:00Z')).not.toContain('FAILED');
});

it('refuses a time that is none', async () => {
  const { code, stderr } = await projectWith({ devnet }).postern('summary', '--since', 'noon');
  expect(code).toBe(2);
  expect(stderr).toContain('--since "noon" is not a time');
});

it('names the stack in the next command only where it is not clear', async () => {
  const next = async (stacks: Parameters<typeof projectWith>[0]) => {
    const { stdout } = await projectWith(stacks).postern('summary', '--stack', 'devnet');
    return stdout.trimEnd().split('\n').at(-1);
  };
  const other = { hosts: [host('other')] };
  expect(await next({ devnet })).toBe('Next: npx --no-install postern ssh devnet-1');
  expect(await next({ devnet: { ...devnet, selected: true }, other })).toBe(
    'Next: npx --no-install postern ssh devnet-1',
  );
  expect(await next({ devnet, other })).toBe('Next: npx --no-install postern ssh devnet-1 --stack devnet');
});

it('says below the table what the change told besides, and nothing of it twice', async () => {
  const gap = 'IPv6 is not verified: no route leads from this machine to 2001:db8::7';
  const closes = 'the change closes ports that programs of the host listen on: tcp 9001 (tor)';
  const results = { 'devnet-1': { began: RUN, ended: RUN, warnings: [closes, gap] } };
  const hosts = [host('devnet-1', { unverified: [gap] }), host('devnet-2')];
  const { postern } = projectWith({ devnet: { hosts, results } });
  const told = (stdout: string) => stdout.replaceAll(/\s+/g, ' ');
  const stdout = told((await postern('summary', '--since', RUN)).stdout);
  expect(stdout).toContain(`devnet-1: ${closes}.`);
  expect(stdout.split('IPv6 is not verified')).toHaveLength(2);
  // Of an earlier run.
  const later = told((await postern('summary', '--since', '2026-11-22T00:00:00Z')).stdout);
  expect(later).not.toContain('tcp 9001');
});
