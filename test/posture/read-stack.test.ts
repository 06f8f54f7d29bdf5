import { describe, expect, it } from 'vitest';
import { API_PORT, NETWORKS, P2P_PORTS } from '../../posture/network.ts';
import { readStack } from '../../posture/read-stack.ts';
import { ConfigurationError } from '../../posture/validate/problem.ts';
import { hostWith, KEY, problems, read, refusedAt, stackWith } from './fixture.ts';

const HOST_KEY = KEY.split(' ').slice(0, 2).join(' ');
const OTHER = KEY.replace(' operator', ' other');

describe('the hosts of a stack', () => {
  it.each([
    ['mainnet', 4001],
    ['devnet', 4002],
    ['testnet', 4000],
  ] as const)('open the ports of %s: %i and 4003', (network, port) => {
    expect(NETWORKS).toContain(network);
    expect(P2P_PORTS[network]).toBe(port);
    expect(hostWith({ network }).posture.firewall.rules).toEqual([
      { port, protocol: 'tcp', from: 'anywhere', purpose: `p2p ${network}` },
      { port: API_PORT, protocol: 'tcp', from: 'anywhere', purpose: 'public api' },
    ]);
  });

  it('open what the configuration says instead, in canonical form', () => {
    const from = ['203.0.113.7/32', '2001:DB8:0::/48', '198.51.100.0/24'];
    const { rules } = hostWith({
      firewall: { p2p: { port: 5001 }, api: { from }, rules: [{ port: 9100, purpose: 'metrics' }] },
    }).posture.firewall;
    expect(rules).toEqual([
      { port: 5001, protocol: 'tcp', from: 'anywhere', purpose: 'p2p devnet' },
      {
        port: 4003,
        protocol: 'tcp',
        from: ['203.0.113.7', '2001:db8::/48', '198.51.100.0/24'],
        purpose: 'public api',
      },
      { port: 9100, protocol: 'tcp', from: 'anywhere', purpose: 'metrics' },
    ]);
    expect(hostWith({ firewall: { p2p: null, api: null } }).posture.firewall.rules).toEqual([]);
  });

  it('take a section from the host key by key, then from the stack, then the defaults', () => {
    const { hosts } = read({
      ssh: { port: 2022, maxAuthTries: 5 },
      hosts: [{ name: 'a', ssh: { port: 3022 } }, { name: 'b' }],
    });
    expect(hosts.map(({ posture }) => [posture.ssh.port, posture.ssh.maxAuthTries])).toEqual([
      [3022, 5],
      [2022, 5],
    ]);
    expect(hosts.map(({ posture }) => posture.ssh.clientAliveSeconds)).toEqual([300, 300]);
  });

  it('take identity and tasks whole, from the host or the stack', () => {
    const { hosts } = read({
      identity: { file: 'stack' },
      tasks: [{ name: 'all', run: 'true' }],
      hosts: [{ name: 'a', identity: { file: 'own' }, tasks: [] }, { name: 'b' }],
    });
    expect(hosts.map(({ identity }) => identity)).toEqual([{ file: 'own' }, { file: 'stack' }]);
    expect(hosts.map(({ tasks }) => tasks.length)).toEqual([0, 1]);
  });

  it('keep sequences and private keys out of the posture', () => {
    const open = '17123:tcp,9321:udp,28456:tcp,11789:udp';
    const host = hostWith({ knock: { sequence: { open } }, identity: { privateKey: 'PRIVATE' } });
    expect(JSON.stringify(host.posture)).not.toMatch(/17123|9321|28456|11789|PRIVATE/);
    expect(host.knock.sequence).toEqual({
      open: [
        { port: 17_123, protocol: 'tcp' },
        { port: 9321, protocol: 'udp' },
        { port: 28_456, protocol: 'tcp' },
        { port: 11_789, protocol: 'udp' },
      ],
      close: null,
    });
  });
});

describe('public keys in files', () => {
  it('are added to those of the configuration, each once', () => {
    const files: Record<string, string> = { 'a.pub': `${OTHER}\n`, 'b.pub': `${KEY}\r\n` };
    const { hosts } = read(
      { admin: { authorizedKeys: [KEY], authorizedKeyFiles: ['a.pub', 'b.pub'] } },
      (path) => files[path] ?? '',
    );
    expect(hosts[0]?.posture.admin.authorizedKeys).toEqual([KEY, OTHER]);
  });

  it('are refused at their place when they are no keys, without showing what they are', () => {
    const admin = { authorizedKeyFiles: ['good.pub', 'id_ed25519', 'gone.pub'] };
    const found = problems({ admin }, (path) => {
      if (path === 'gone.pub') throw new Error('ENOENT');
      return path === 'good.pub' ? KEY : '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n';
    });
    expect(found).toEqual([
      {
        property: 'admin.authorizedKeyFiles[1]',
        reason: expect.stringMatching(/^the key in id_ed25519 must be one line/),
      },
      { property: 'admin.authorizedKeyFiles[2]', reason: expect.stringContaining("can't be read") },
    ]);
    expect(JSON.stringify(found)).not.toContain('b3Blbn');
  });
});

describe('a problem', () => {
  it('is located in the host only where the host itself sets the key', () => {
    const open = '7000,8000,9000';
    const own = { name: 'a', knock: { sequence: { open } } };
    expect(refusedAt({ hosts: [own] })).toEqual(['hosts[0].knock.sequence.open']);
    const inherited = { name: 'a', knock: { openSeconds: 60 } };
    expect(refusedAt({ hosts: [inherited], knock: { sequence: { open } } })).toEqual(['knock.sequence.open']);
    expect(refusedAt({ hosts: [{ name: 'a', admin: { user: 'x' } }], admin: {} })).toEqual([
      'admin.authorizedKeys',
    ]);
  });

  it('that all hosts take from the stack is told once', () => {
    const found = problems({ hosts: [{ name: 'a' }, { name: 'b' }], admin: {} });
    expect(found).toEqual([
      { property: 'admin.authorizedKeys', reason: expect.not.stringContaining(' (on ') },
    ]);
  });

  it('that only some hosts have with a key of the stack names them', () => {
    const hosts = [
      { name: 'a' },
      { name: 'b', ssh: { port: 2222 } },
      { name: 'c', ssh: { port: 2222 }, backup: { port: 2222 } },
    ];
    expect(problems({ hosts })).toEqual([
      { property: 'backup.port', reason: expect.stringMatching(/must differ from ssh\.port.* \(on b\)$/) },
      { property: 'hosts[2].backup.port', reason: expect.stringMatching(/must differ/) },
    ]);
  });

  it('of two hosts at one address names the other', () => {
    const target = { type: 'existing', address: '203.0.113.7', hostKeys: [HOST_KEY] };
    const jump = { address: '198.51.100.1', user: 'ops', hostKeys: [HOST_KEY] };
    expect(
      problems({
        hosts: [
          { name: 'a', target },
          { name: 'b', target: { ...target, port: 2022 } },
          { name: 'behind-a-jump-host', target: { ...target, jump } },
          { name: 'c', target: { ...target, address: 'c.example', addressV6: '2001:db8::7' } },
          { name: 'd', target: { ...target, address: '2001:DB8:0::7' } },
        ],
      }),
    ).toEqual([
      { property: 'hosts[1].target.address', reason: expect.stringContaining('is already the address of a') },
      { property: 'hosts[4].target.address', reason: expect.stringContaining('is already the address of c') },
    ]);
  });

  it('of a private key that this machine does not have is told at its path', () => {
    const jump = { address: '198.51.100.1', user: 'ops', hostKeys: [HOST_KEY], identity: { file: 'jump' } };
    const target = { type: 'existing', address: '203.0.113.7', hostKeys: [HOST_KEY], jump };
    const raw = stackWith({
      identity: { file: 'missing' },
      hosts: [{ name: 'a' }, { name: 'b', identity: { file: 'there' }, target }],
    });
    const read = () =>
      readStack(
        raw,
        'x',
        () => '',
        (path) => path === 'there',
      );
    expect(catchError(read)?.message).toBe(
      'x is refused; nothing was changed.\n' +
        "  identity.file: missing can't be read on this machine; give the path of the private key (on a)\n" +
        "  hosts[1].target.jump.identity.file: jump can't be read on this machine; give the path of the private key",
    );
  });

  it('of tasks is located in the list that has it', () => {
    const tasks = [
      { name: 'x', run: 'true' },
      { name: 'x', run: 'true' },
    ];
    expect(refusedAt({ hosts: [{ name: 'a', tasks }] })).toEqual(['hosts[0].tasks[1].name']);
    expect(refusedAt({ tasks })).toEqual(['tasks[1].name']);
  });

  it('of two keys together is told beside one that the schema finds', () => {
    const found = refusedAt({
      ssh: { port: 0 },
      colour: 'red',
      knock: { openSeconds: 1, sequence: { open: '7000,8000,9000' } },
      hosts: [{ name: 'a', identity: { file: '-' } }, { name: 'a' }],
    });
    expect([...found].sort()).toEqual([
      'colour',
      'hosts[0].identity.file',
      'hosts[1].name',
      'knock.openSeconds',
      'knock.sequence.open',
      'ssh.port',
    ]);
  });

  it('is not made up where the keys that it would hang on are refused', () => {
    const admin = { authorizedKeys: ['no key'] };
    expect(refusedAt({ admin })).toEqual(['admin.authorizedKeys[0]']);
    expect(refusedAt({ admin: { authorizedKeyFiles: ['-'] } })).toEqual(['admin.authorizedKeyFiles[0]']);
    const hosts = [{ name: 'a', admin: { authorizedKeys: ['no key'] } }];
    expect(refusedAt({ admin: {}, hosts })).toEqual(['hosts[0].admin.authorizedKeys[0]']);
    const firewall = { rules: [{ port: 22, purpose: 'ssh' }] };
    expect(refusedAt({ ssh: { port: 0 }, firewall })).toEqual(['ssh.port']);
  });

  it('comes with all others in one error that says that nothing was changed', () => {
    const error = catchError(() =>
      readStack(stackWith({ ssh: { port: 0 }, knock: { knocks: 2 } }), 'The configuration of x', () => ''),
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error?.message).toBe(
      'The configuration of x is refused; nothing was changed.\n' +
        '  ssh.port: must be from 1 to 65535\n  knock.knocks: must be at least 3',
    );
  });
});

describe('a weak setting', () => {
  it('is warned of once, however many hosts have it', () => {
    const sequence = { open: '17123:tcp,9321:tcp,28456:tcp,11789:tcp' };
    const { warnings } = read({ hosts: [{ name: 'a' }, { name: 'b' }], knock: { sequence } });
    expect(warnings).toEqual([expect.stringContaining('TCP only')]);
  });

  it('is three generated knocks as well', () => {
    expect(read({ knock: { knocks: 3 } }).warnings).toEqual([expect.stringContaining('knock.knocks is 3')]);
    expect(read({ knock: { knocks: 4 } }).warnings).toEqual([]);
  });
});

function catchError(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : undefined;
  }
}
