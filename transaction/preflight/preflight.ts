import { engineOf } from '../../posture/knock/engines.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import type { Facts } from '../facts/facts.ts';
import { accountProblems } from './account-problems.ts';
import { policyProblems } from './default-policies.ts';
import { firewallProblems } from './firewall-problems.ts';
import { knockDaemonConfigProblems } from './knock-daemon-config.ts';
import { natRedirectProblems } from './nat-redirects.ts';
import { nftablesServiceProblems } from './nftables-service.ts';
import { sshdProblems } from './sshd-problems.ts';
import { systemProblems } from './system-problems.ts';
import { unlistedServiceProblems } from './unlisted-services.ts';

/** KiB that a change needs below /var/lib: its programs, the snapshot, and what apt unpacks. */
const NEEDED_KIB = 51_200;

/**
 * Everything about a host that makes the change impossible or unsafe, found before anything is written; empty when it
 * may go ahead. Each is a sentence that says what was seen and what to do.
 */
export function preflight(facts: Facts, posture: Posture): string[] {
  const unexpected = systemProblems(facts, posture);
  // On another system than the expected one, what else was seen means nothing.
  if (unexpected.length > 0) return unexpected;
  return [
    ...system(facts),
    ...accountProblems(facts, posture),
    ...sshdProblems(facts, posture),
    ...firewallProblems(facts, posture),
    ...policyProblems(facts, posture),
    ...nftablesServiceProblems(facts, posture),
    ...natRedirectProblems(facts, posture),
    ...unlistedServiceProblems(facts, posture),
    ...knockDaemonConfigProblems(facts, posture),
    ...network(facts, posture),
  ];
}

function system({ raw }: Facts): string[] {
  const one = (key: string) => raw.get(key)?.[0] ?? '';
  const tools = raw.get('tool') ?? [];
  return [
    ...(one('uid') === '0'
      ? []
      : [`the deployer is not root there (uid ${one('uid')}); allow it sudo without a password`]),
    ...(one('systemd') === 'systemd'
      ? []
      : [`process 1 is ${one('systemd') || 'unknown'}; systemd is needed`]),
    ...['flock', 'ss']
      .filter((tool) => !tools.includes(tool))
      .map((tool) => `${tool} is missing; install it (packages util-linux, iproute2)`),
    ...(Number(one('free_kib')) >= NEEDED_KIB
      ? []
      : [`only ${one('free_kib')} KiB are free below /var/lib; ${NEEDED_KIB} are needed`]),
    ...(one('booted') === 'stopping' ? ['the host is shutting down'] : []),
  ];
}

function network(facts: Facts, posture: Posture): string[] {
  return [...knockEngine(facts, posture), ...knockInterface(facts, posture), ...knocksV6(facts, posture)];
}

function knockEngine(facts: Facts, { knock: { engine } }: Posture): string[] {
  const unsupported = engineOf(engine).unsupported(facts);
  if (unsupported === undefined) return [];
  return [
    `knock.engine is ${engine}, and the system is ${facts.os} ${facts.version}, where it ${unsupported}`,
  ];
}

function knocksV6(facts: Facts, posture: Posture): string[] {
  const who = engineOf(posture.knock.engine).deafOverIpv6(facts);
  if (who === undefined) return [];
  const why = `${who} hears no knock over IPv6, so the front door stays shut over it`;
  return [
    ...(facts.deployerAddress.includes(':')
      ? [`${why}, and the deployer logs in over IPv6; give the host's IPv4 address as its address`]
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
  const { needsInterface } = engineOf(posture.knock.engine);
  if (wanted === undefined && needsInterface && routed.every((name) => name === '')) {
    return ['the host has no default route, so the interface for knocks is unknown; set knock.interface'];
  }
  return [];
}
