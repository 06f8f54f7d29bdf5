import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { HardenedVps } from '../../../components/hardened-vps.ts';
import {
  OPERATOR_KEY,
  type Outputs,
  outputs,
  type Run,
  resolved,
  runProgram,
  SEQUENCES,
} from '../program.ts';

const DROPLET = 'digitalocean:index/droplet:Droplet';
const HARDENING = 'postern:index:Hardening';
const FIREWALL = 'digitalocean:index/firewall:Firewall';
const SSH_KEY = 'digitalocean:index/sshKey:SshKey';

const target = { type: 'digitalocean', region: 'fra1', deployerCidrs: ['198.51.100.0/24'] };

interface Rule {
  readonly protocol: string;
  readonly portRange?: string;
  readonly sourceAddresses: string[];
}

function passed(run: Run, name: string): string[] {
  const inbound = run.one(FIREWALL, name).inputs['inboundRules'] as Rule[];
  return inbound.map(({ protocol, portRange }) => `${protocol} ${portRange ?? ''}`.trim());
}

function harden(host: object, stack: object = {}) {
  return () => new HardenedVps(resolved({ name: 'node-1', target, ...host }, stack));
}

describe('a droplet', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runProgram(harden({}));
  });

  it('is made of what was asked for, with IPv6 and without the agent of the web console', () => {
    expect(run.one(DROPLET, 'node-1').inputs).toEqual({
      name: 'node-1',
      region: 'fra1',
      size: 's-1vcpu-1gb',
      image: 'debian-12-x64',
      ipv6: true,
      dropletAgent: false,
      sshKeys: ['node-1-id'],
      userData: expect.any(String),
    });
  });

  it('is not replaced by a later change of what is only meant for its first boot', () => {
    expect([...run.one(DROPLET).ignoreChanges].sort()).toEqual(['image', 'sshKeys', 'userData']);
  });

  it('is protected, unless the configuration says otherwise, and deleted before it is replaced', async () => {
    expect(run.one(DROPLET)).toMatchObject({ protect: true, deleteBeforeReplace: true });
    // Deleted before its droplet, it would be forgotten although that is refused.
    expect(run.one(HARDENING)).toMatchObject({ protect: true });
    const unprotected = await runProgram(harden({ target: { ...target, protect: false } }));
    expect(unprotected.one(DROPLET)).toMatchObject({ protect: false, deleteBeforeReplace: true });
    expect(unprotected.one(HARDENING)).toMatchObject({ protect: false });
  });

  it('gets its host keys and the operators’ keys with the user data, which is secret', () => {
    const droplet = run.one(DROPLET);
    const text = String(droplet.inputs['userData']);
    const config = JSON.parse(text.replace('#cloud-config\n', ''));
    expect(config.ssh_keys).toEqual({
      ed25519_private: 'private ed25519\n',
      ed25519_public: 'ssh-ed25519 AAAAhost',
      rsa_private: 'private rsa\n',
      rsa_public: 'ssh-rsa AAAAhost',
    });
    expect(config.ssh_authorized_keys).toEqual([OPERATOR_KEY]);
    expect(droplet.secrets).toEqual(['userData']);
  });

  it('is told nothing of the sequences', () => {
    const text = JSON.stringify(run.one(DROPLET).inputs);
    for (const { port } of [...SEQUENCES.open, ...SEQUENCES.close]) expect(text).not.toContain(String(port));
  });

  it('is registered with a key nobody holds: DigitalOcean takes no key twice', () => {
    expect(run.one(SSH_KEY).inputs).toEqual({ publicKey: 'ssh-ed25519 AAAAunheld' });
  });

  it('has host keys that are its own', () => {
    const keys = run.one('postern:index:HostKeys');
    expect(keys.inputs).toEqual({ host: 'node-1' });
    expect([...keys.additionalSecretOutputs].sort()).toEqual(['ed25519', 'rsa']);
  });

  it('is entered as root on port 22 with its host keys pinned, and its hardening goes with it', () => {
    const hardening = run.one('postern:index:Hardening');
    expect(hardening.inputs['way']).toEqual({
      address: '203.0.113.7',
      addressV6: '2001:db8::7',
      port: 22,
      user: 'root',
      hostKeys: ['ssh-ed25519 AAAAhost', 'ssh-rsa AAAAhost'],
    });
    expect(hardening.deletedWith).toBe(`${DROPLET} node-1`);
  });
});

describe('the first boot of a droplet', () => {
  it('is waited for behind the cloud firewall, and the host is not changed before it ended', async () => {
    const run = await runProgram(harden({ identity: { file: '.postern/key' } }));
    const boot = run.one('postern:index:FirstBoot');
    expect(boot.inputs).toEqual({
      way: run.one('postern:index:Hardening').inputs['way'],
      identity: { file: '.postern/key' },
    });
    expect(boot.dependsOn).toContain(`${FIREWALL} node-1`);
    expect(boot.deletedWith).toBe(`${DROPLET} node-1`);
    expect(run.one('postern:index:Hardening').dependsOn).toContain('postern:index:FirstBoot node-1');
  });

  it('keeps a private key secret', async () => {
    const run = await runProgram(harden({ identity: { privateKey: 'a private key' } }));
    expect(run.one('postern:index:FirstBoot').secrets).toEqual(['identity']);
    expect(run.one('postern:index:Hardening').secrets).toContain('identity');
  });

  it('is waited for on droplets only', async () => {
    const run = await runProgram(() => new HardenedVps(resolved({ name: 'node-1' })));
    const types = run.resources.map(({ type }) => type);
    expect(types).not.toContain('postern:index:FirstBoot');
    expect(types.filter((type) => type.startsWith('digitalocean:'))).toEqual([]);
  });
});

describe('the cloud firewalls of a droplet', () => {
  it('pass services, SSH, the backup port from the deployers, and the knocks with their protocols: nothing else', async () => {
    const run = await runProgram(harden({}));
    const expected = [
      'tcp 4002',
      'tcp 4003',
      'tcp 22',
      'tcp 2222',
      'tcp 8709-8717',
      'tcp 9937-9945',
      'tcp 11715-11723',
      'tcp 29323-29331',
      'udp 14654-14660',
      'udp 17385-17393',
      'udp 23507-23515',
      'udp 30207-30215',
    ];
    expect(passed(run, 'node-1')).toEqual(expected);
    expect(passed(run, 'node-1-sealed')).toEqual(expected);
    const inbound = run.one(FIREWALL, 'node-1').inputs['inboundRules'] as Rule[];
    const sources = (port: string) => inbound.find(({ portRange }) => portRange === port)?.sourceAddresses;
    expect(sources('2222')).toEqual(['198.51.100.0/24']);
    expect(sources('22')).toEqual(['0.0.0.0/0', '::/0']);
    expect(sources('23507-23515')).toEqual(['0.0.0.0/0', '::/0']);
  });

  it('are for this droplet, and leave its own connections alone', async () => {
    const run = await runProgram(harden({}));
    for (const name of ['node-1', 'node-1-sealed']) {
      const { inputs } = run.one(FIREWALL, name);
      expect(inputs['dropletIds']).toEqual([4211]);
      expect(inputs['outboundRules']).toHaveLength(3);
    }
  });

  it('keep their rules secret', async () => {
    const run = await runProgram(harden({}));
    for (const name of ['node-1', 'node-1-sealed'])
      expect(run.one(FIREWALL, name).secrets).toEqual(['inboundRules']);
  });

  it('keep the rules secret when the sequence is the user’s own', async () => {
    const run = await runProgram(harden({ knock: { sequence: SEQUENCES } }));
    expect(run.resources.some(({ type }) => type === 'postern:index:Sequence')).toBe(false);
    expect(run.one(FIREWALL, 'node-1').secrets).toEqual(['inboundRules']);
    expect(passed(run, 'node-1')).toContain('udp 23507-23515');
  });

  it('pass the new door before the host is changed, and the proven one until it was', async () => {
    const proven = resolved({ name: 'node-1', target }, { ssh: { port: 2200 }, firewall: { api: null } });
    const old = { open: [{ port: 7001, protocol: 'udp' }], close: null };
    const unchanged: Outputs = (resource) =>
      resource.type === 'postern:index:Hardening'
        ? { ...outputs(resource), posture: proven.posture, sequences: pulumi.secret(old) }
        : outputs(resource);
    const run = await runProgram(harden({}, { ssh: { port: 2300 } }), { outputs: unchanged });
    expect(passed(run, 'node-1')).toEqual(
      expect.arrayContaining(['tcp 2300', 'tcp 4003', 'udp 23507-23515']),
    );
    expect(passed(run, 'node-1')).not.toContain('udp 7001');
    expect(passed(run, 'node-1-sealed')).toEqual([
      'tcp 4002',
      'tcp 22',
      'tcp 2200',
      'tcp 2222',
      'udp 6970-7032',
    ]);
    expect(run.one('postern:index:Hardening').dependsOn).toContain(`${FIREWALL} node-1`);
    expect(run.one(FIREWALL, 'node-1-sealed').dependsOn).toContain('postern:index:Hardening node-1');
    expect(run.one(FIREWALL, 'node-1').dependsOn).not.toContain('postern:index:Hardening node-1');
  });

  it('pass, before the host is changed, the ways in of changes that were cut off, any of which may be in force', async () => {
    const open = [7001, 7002, 7003].map((port) => ({ port, protocol: 'udp' as const }));
    const lost = {
      id: 'b2',
      port: 2250,
      user: 'ops',
      open,
      close: [{ port: 7004, protocol: 'udp' as const }],
    };
    const written: Outputs = (resource) => {
      if (resource.type !== 'postern:index:Candidates') return outputs(resource);
      const wanted = { id: 'a1', ...JSON.parse(String(resource.inputs['wanted'])) };
      return { known: pulumi.secret(JSON.stringify([wanted, lost])) };
    };
    const run = await runProgram(harden({}), { outputs: written });
    const more = ['tcp 2250', 'udp 7001', 'udp 7002', 'udp 7003'];
    expect(passed(run, 'node-1')).toEqual(expect.arrayContaining(more));
    expect(passed(run, 'node-1')).not.toContain('udp 7004');
    for (const rule of more) expect(passed(run, 'node-1-sealed')).not.toContain(rule);
    expect(run.one(FIREWALL, 'node-1').secrets).toEqual(['inboundRules']);
    expect(run.one('postern:index:Hardening').dependsOn).toContain('postern:index:Candidates node-1');
  });

  it('are refused before anything is made when DigitalOcean would not take that many rules', async () => {
    await expect(runProgram(harden({ knock: { knocks: 32 } }), { preview: true })).rejects.toThrow(
      'The cloud firewall of node-1 would have 71 rules and DigitalOcean takes 50',
    );
  });
});
