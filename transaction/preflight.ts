import { ufwRules } from '../posture/firewall/ufw.ts';
import type { Posture } from '../posture/schema/posture.ts';
import type { Facts } from './facts.ts';
import { sshdProblems } from './sshd-problems.ts';
import { hearsV6 } from './views.ts';

/** KiB that a change needs below /var/lib: its programs, the snapshot, and what apt unpacks. */
const NEEDED_KIB = 51_200;

/** Releases of Debian on which every path of a change is tested. */
const DEBIAN_RELEASES: readonly string[] = ['11', '12', '13'];

/** Firewall managers that would fight with ufw, and what to do about each. */
const RIVALS = ['firewalld.service', 'nftables.service', 'netfilter-persistent.service'] as const;

/**
 * Everything about a host that makes the change impossible or unsafe, found before anything is written; empty when it
 * may go ahead. Each is a sentence that says what was seen and what to do.
 */
export function preflight(facts: Facts, posture: Posture): string[] {
  return [
    ...system(facts),
    ...sshdProblems(facts, posture),
    ...firewall(facts, posture),
    ...network(facts, posture),
  ];
}

function system({ raw, os, version }: Facts): string[] {
  const one = (key: string) => raw.get(key)?.[0] ?? '';
  const tools = raw.get('tool') ?? [];
  return [
    ...(one('uid') === '0'
      ? []
      : [`the deployer is not root there (uid ${one('uid')}); allow it sudo without a password`]),
    ...(one('systemd') === 'systemd'
      ? []
      : [`process 1 is ${one('systemd') || 'unknown'}; systemd is needed`]),
    ...(os === 'debian' && DEBIAN_RELEASES.includes(version)
      ? []
      : [`the system is ${os || 'unknown'} ${version}; Debian ${DEBIAN_RELEASES.join(', ')} are supported`]),
    ...['apt-get', 'flock', 'ss']
      .filter((tool) => !tools.includes(tool))
      .map((tool) => `${tool} is missing; install it (packages apt, util-linux, coreutils, iproute2)`),
    ...(Number(one('free_kib')) >= NEEDED_KIB
      ? []
      : [`only ${one('free_kib')} KiB are free below /var/lib; ${NEEDED_KIB} are needed`]),
    ...(one('booted') === 'stopping' ? ['the host is shutting down'] : []),
  ];
}

function firewall({ raw, unit }: Facts, posture: Posture): string[] {
  const active = RIVALS.filter((rival) => unit(rival).active === 'active');
  const problems = active.map(
    (rival) =>
      `${rival} is active beside ufw, and two firewall managers undo each other's rules; disable it (systemctl disable --now ${rival})`,
  );
  if (raw.has('legacy_rules'))
    problems.push(
      'there are iptables-legacy rules, which ufw does not see; move them to iptables or flush them',
    );
  if (raw.has('ufw_manages_builtins'))
    problems.push(
      'ufw has MANAGE_BUILTINS=yes in /etc/default/ufw, which empties INPUT at each reload; set it to no',
    );
  if (posture.firewall.foreignRules === 'keep') return problems;
  const foreign = [
    ...foreignUfwRules(raw.get('ufw_rule') ?? [], posture, raw),
    ...(raw.get('filter_rule') ?? []),
  ];
  if (foreign.length > 0) {
    problems.push(
      `there are firewall rules that the configuration does not have: ${foreign.join('; ')}. Put them into firewall.rules, delete them, or set firewall.foreignRules: keep`,
    );
  }
  const edited = raw.get('ufw_edited') ?? [];
  if (edited.length > 0)
    problems.push(
      `${edited.join(', ')} was edited, so what ufw lets in cannot be computed; restore it or set firewall.foreignRules: keep`,
    );
  return problems;
}

/** ufw rules that are neither wanted, nor ours, nor about the ssh ports, which are closed on purpose. */
function foreignUfwRules(rules: readonly string[], posture: Posture, raw: Facts['raw']): string[] {
  const wanted = new Set(ufwRules(posture).map(withoutComment));
  const sshPorts = new Set([
    '22',
    ...(raw.get('sshd_port') ?? []),
    String(posture.ssh.port),
    String(posture.backup.port),
  ]);
  return rules.filter((rule) => {
    if (rule.includes(" comment 'postern")) return false;
    const words = withoutComment(rule).split(' ');
    if (wanted.has(words.join(' '))) return false;
    // What lets in to the ssh ports is taken away; everything else is the owner's, and refused or kept.
    if (!/^(allow|limit) (?!out )/.test(rule)) return true;
    return !words.some(
      (word) =>
        sshPorts.has(word) || sshPorts.has(word.replace(/\/tcp$/, '')) || /^(OpenSSH|ssh)$/i.test(word),
    );
  });
}

function withoutComment(rule: string): string {
  return rule.replace(/ comment '.*'$/, '');
}

function network(facts: Facts, posture: Posture): string[] {
  return [...knockInterface(facts, posture), ...knocksV6(facts, posture)];
}

function knocksV6(facts: Facts, posture: Posture): string[] {
  if (hearsV6(facts, posture)) return [];
  const why = 'knockd of Debian 11 hears no knock over IPv6, so the front door stays shut over it';
  return [
    ...(facts.deployerAddress.includes(':')
      ? [`${why}, and the deployer comes in over IPv6; give the host's IPv4 address as its address`]
      : []),
    ...(posture.verify.ipv6 === 'require' ? [`${why}; set verify.ipv6 to auto or take a newer release`] : []),
  ];
}

function knockInterface({ raw }: Facts, posture: Posture): string[] {
  const wanted = posture.knock.interface;
  const links = raw.get('link') ?? [];
  const routed = [raw.get('interface')?.[0] ?? '', raw.get('interface6')?.[0] ?? ''];
  if (wanted !== undefined && !links.includes(wanted)) {
    return [
      `knock.interface is ${wanted}, but the host has ${links.join(', ')}; leave it out to use that of the default route`,
    ];
  }
  if (wanted === undefined && routed.every((name) => name === '')) {
    return ['the host has no default route, so the interface for knocks is unknown; set knock.interface'];
  }
  return [];
}
