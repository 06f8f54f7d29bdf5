import type { Posture } from '../../posture/schema/posture.ts';
import type { Facts } from '../facts/facts.ts';
import { PortSets } from '../facts/port-sets.ts';
import { rulePorts, ruleProtocol } from '../verify/foreign-rules.ts';
import { type Listener, listeners } from './listeners.ts';
import { natRedirects } from './nat-redirects.ts';

type Known = Pick<Facts, 'raw' | 'sshPorts' | 'addresses' | 'record' | 'unit'>;

/**
 * What programs of a host listen on, the world may reach now, and the first change would close: the posture does not have
 * the port. Of a sealed host it is none: whatever the posture does not have is closed there already, and a rule that left
 * the configuration was shown in the preview. What cannot be seen to be shut counts as reachable.
 */
export function cutOff(facts: Known, posture: Posture): Listener[] {
  const { raw, record } = facts;
  // The sshd of an unfinished change listens besides; a change under way is refused by itself.
  const unfinished =
    record?.operation === 'harden' && ['armed', 'undoing', 'committed'].includes(record.phase);
  if (raw.has('sealed') || unfinished) return [];
  const families = ([4, 6] as const).filter(
    (family) => (family === 4 || hasV6(facts)) && !isShut(facts, posture, family),
  );
  const listed = new Set(posture.firewall.rules.map(({ protocol, port }) => `${protocol} ${port}`));
  const redirected = { 4: redirectedPorts(raw, 4), 6: redirectedPorts(raw, 6) };
  const decided = decidedPorts(raw, posture);
  return listeners(facts).filter(
    ({ protocol, port, families: heard }) =>
      !listed.has(`${protocol} ${port}`) &&
      heard.some(
        (family) =>
          families.includes(family) &&
          !redirected[family].has(protocol, port) &&
          !decided.has(`${protocol} ${family}`, port),
      ),
  );
}

/** Why a change is refused because of them; empty when it is not. */
export function unlistedServiceProblems(facts: Known, posture: Posture): string[] {
  const lost = posture.firewall.unlisted === 'close' ? [] : cutOff(facts, posture);
  if (lost.length === 0) return [];
  return [
    `programs of the host listen on ports that the configuration does not open, and the change would cut them off: ${words(lost)}. Put the ports into firewall.rules, stop the programs, or set firewall.unlisted: close`,
  ];
}

/** What is said of them where the operator wants them closed. */
export function unlistedServiceWarnings(facts: Known, posture: Posture): string[] {
  const lost = posture.firewall.unlisted === 'close' ? cutOff(facts, posture) : [];
  if (lost.length === 0) return [];
  return [
    `the change closes ports that programs of the host listen on (firewall.unlisted is close): ${words(lost)}`,
  ];
}

function words(lost: readonly Listener[]): string {
  return lost
    .map(({ protocol, port, program }) => `${protocol} ${port} (${program === '' ? 'the kernel' : program})`)
    .join(', ');
}

function hasV6({ addresses }: Known): boolean {
  return addresses.some((address) => address.includes(':'));
}

/** Whether what no rule names is dropped today, and what rules let in is told of elsewhere or stays in force. */
function isShut({ raw, unit }: Known, { firewall }: Posture, family: 4 | 6): boolean {
  const keeps = firewall.foreignRules === 'keep';
  // Its zones are refused when they have more than the posture has.
  if (unit('firewalld.service').active === 'active') return true;
  const policies = inputPolicies(raw);
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  // A kept rule that lets in may be in a chain that nobody reads here, and a table of nftables shuts it all the same.
  if (isDrop(policies.get(tool))) return !(keeps && firewall.backend === 'nftables' && jumpsElsewhere(raw));
  const dropping = ['inet', family === 4 ? 'ip' : 'ip6'].some((name) => isDrop(policies.get(name)));
  return dropping && !keeps;
}

/** The last that was said of each tool's INPUT: a rule for all packets comes after the policy. */
function inputPolicies(raw: Facts['raw']): Map<string, string> {
  const policies = new Map<string, string>();
  for (const line of raw.get('policy') ?? []) {
    const [tool = '', chain, target = ''] = line.split(' ');
    if (chain === 'INPUT') policies.set(tool, target);
  }
  return policies;
}

function isDrop(target: string | undefined): boolean {
  return target === 'DROP' || target === 'REJECT';
}

/** Chains that let nobody in: fail2ban's, and what ends or logs a packet. */
const LETS_NOBODY_IN = /^(f2b-.*|DROP|REJECT|LOG|NFLOG|ACCEPT)$/;

function jumpsElsewhere(raw: Facts['raw']): boolean {
  return (raw.get('filter_rule') ?? []).some((rule) => {
    const target = / -[jg] (\S+)/.exec(rule)?.[1];
    return rule.startsWith('-A INPUT ') && target !== undefined && !LETS_NOBODY_IN.test(target);
  });
}

/** A redirected packet never gets to the rules that would close the port; nat-redirects.ts tells of it. */
function redirectedPorts(raw: Facts['raw'], family: 4 | 6): PortSets {
  return new PortSets(
    natRedirects({ raw }, [family]).flatMap((rule) =>
      (rulePorts(rule) ?? []).map(([low, high]) => [ruleProtocol(rule) ?? '', low, high] as const),
    ),
  );
}

/** `tcp 4`: ports that a rule for everybody drops now, or lets in and is kept. */
function decidedPorts(raw: Facts['raw'], { firewall }: Posture): PortSets {
  const keeps = firewall.foreignRules === 'keep';
  const stay = keeps && ['ufw', 'iptables'].includes(firewall.backend);
  const named = [...(raw.get('blocks') ?? []), ...(stay ? (raw.get('opens') ?? []) : [])];
  const ufw = keeps && firewall.backend === 'ufw' ? (raw.get('ufw_rule') ?? []) : [];
  return new PortSets([...named.flatMap(namedPorts), ...ufw.flatMap(ufwPorts)]);
}

type Range = readonly [name: string, low: number, high: number];

/** `iptables tcp 80,9000:9010` */
function namedPorts(line: string): Range[] {
  const [tool, protocol = '', ports = ''] = line.split(' ');
  const name = `${protocol} ${tool === 'iptables' ? 4 : 6}`;
  return ports.split(',').map((part): Range => {
    const [low = '', high = low] = part.split(':');
    return [name, Number(low), Number(high)];
  });
}

/** `allow 9001/tcp` or `allow 9001`, which are for both families. */
function ufwPorts(rule: string): Range[] {
  const [, port, one] = /^allow (\d{1,5})(?:\/(tcp|udp))?(?: comment '.*')?$/.exec(rule) ?? [];
  if (port === undefined) return [];
  return (one === undefined ? ['tcp', 'udp'] : [one]).flatMap((protocol) =>
    [4, 6].map((family): Range => [`${protocol} ${family}`, Number(port), Number(port)]),
  );
}
