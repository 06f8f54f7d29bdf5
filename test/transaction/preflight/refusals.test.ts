import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { preflight } from '../../../transaction/preflight/preflight.ts';
import { postureWith, type Raw } from '../../posture/fixture.ts';

/** What facts.sh printed on bare lab hosts, entered as root. */
const RELEASES = ['11', '12', '13'] as const;
const recorded = (release: string) =>
  readFileSync(join(import.meta.dirname, `../recorded/bare-debian-${release}.txt`), 'utf8');
const BARE = recorded('12');

/** The recorded facts, with all lines of some keys replaced: by one line, by none, or by several. */
function factsWith(changes: Readonly<Record<string, string | readonly string[]>>, text = BARE): string {
  const keys = Object.keys(changes);
  const rest = text.split('\n').filter((line) => !keys.includes(line.split('=')[0] ?? ''));
  const lines = Object.entries(changes).flatMap(([key, value]) =>
    [value].flat().map((one) => `${key}=${one}`),
  );
  return [...lines, ...rest].join('\n');
}

function refusals(text: string, sections: Raw = {}): string[] {
  return preflight(parseFacts(text), postureWith(sections));
}

const tools = (...missing: string[]) =>
  [...BARE.matchAll(/^tool=(.*)$/gm)].map(([, tool = '']) => tool).filter((tool) => !missing.includes(tool));

const UFW = { firewall: { backend: 'ufw' } };

describe('preflight', () => {
  it.each(RELEASES)('refuses nothing of a bare host of Debian %s', (release) => {
    expect(refusals(recorded(release))).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string | readonly string[]>>, RegExp, Raw?]>([
    ['a deployer that is not root', { uid: '1000' }, /^the deployer is not root there \(uid 1000\)/],
    ['another init than systemd', { systemd: 'init' }, /^process 1 is init; systemd is needed$/],
    ['no flock', { tool: tools('flock') }, /^flock is missing; install it/],
    ['no ss', { tool: tools('ss') }, /^ss is missing; install it/],
    ['a full disk', { free_kib: '51199' }, /^only 51199 KiB are free below \/var\/lib; 51200 are needed$/],
    ['a host that shuts down', { booted: 'stopping' }, /^the host is shutting down$/],
    [
      'an interface that it does not have',
      {},
      /^knock\.interface is wan0, but the host has eth0, lo; /,
      { knock: { interface: 'wan0' } },
    ],
    ['no default route', { interface: '', interface6: '' }, /^the host has no default route/],
    [
      'an sshd whose configuration is broken',
      { sshd_error: 'line 3: Bad configuration option: Prot' },
      /^sshd refuses its own present configuration \(line 3.*repair it first$/,
    ],
    ['an entry for sshd in hosts.deny', { hosts_deny: 'yes' }, /^\/etc\/hosts\.deny blocks sshd/],
    ['/etc/nologin', { nologin: '/etc/nologin' }, /^\/etc\/nologin forbids logins; remove it$/],
    ...(
      [
        ['knows_kex', 'diffie-hellman-group1-sha1 ', 'key exchanges'],
        ['knows_cipher', '3des-cbc ', 'ciphers'],
        ['knows_mac', 'hmac-md5 ', 'MACs'],
        ['knows_HostKeyAlgorithms', 'ssh-dss ', 'signatures'],
      ] as const
    ).map(
      ([key, value, kind]) =>
        [
          `an OpenSSH that has none of the ${kind}`,
          { [key]: value },
          new RegExp(`^ssh\\.profile is modern, and the host's OpenSSH knows none of its ${kind} `),
        ] as [string, Readonly<Record<string, string>>, RegExp],
    ),
    [
      'rules of iptables-legacy',
      { legacy_rules: 'yes' },
      /^there are iptables-legacy rules, which ufw does not see/,
      UFW,
    ],
    [
      'a ufw that empties INPUT',
      { ufw: 'enabled', ufw_manages_builtins: 'yes' },
      /^ufw has MANAGE_BUILTINS=yes/,
      UFW,
    ],
    [
      'a before.rules that its owner edited',
      { ufw: 'enabled', ufw_edited: '/etc/ufw/before.rules' },
      /^\/etc\/ufw\/before\.rules was edited/,
      UFW,
    ],
    ['a firewalld that keeps its table to itself', { firewalld_owner: 'yes' }, /NftablesTableOwner=no/],
    [
      'another firewall that is at work',
      { ufw: 'enabled' },
      /^ufw is active .* beside nftables/,
      { firewall: { backend: 'nftables' } },
    ],
  ])('refuses %s', (_, changes, reason, sections = {}) => {
    const found = refusals(factsWith(changes), sections);
    expect(found.filter((text) => reason.test(text))).toHaveLength(1);
    expect(found).toHaveLength(1);
  });
});
