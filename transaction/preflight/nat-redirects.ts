import type { Posture } from '../../posture/schema/posture.ts';
import { type Facts, sealedFirewall } from '../facts/facts.ts';
import { rulePorts, ruleProtocol } from '../verify/foreign-rules.ts';

/**
 * Rules of the host's that send incoming packets elsewhere (DNAT, REDIRECT) before the firewall's rules for the host see
 * them, as `iptables-save` has them. Docker publishes ports so. What is published to loopback only is none of them.
 *
 * @param families whose packets; default: both.
 */
export function natRedirects({ raw }: Pick<Facts, 'raw'>, families: readonly (4 | 6)[] = [4, 6]): string[] {
  const rules = families.flatMap((family) => raw.get(family === 4 ? 'nat_rule' : 'nat6_rule') ?? []);
  return rules.filter((rule) => !/ (-d (127\.|::1\/)|-i lo )/.test(rule));
}

/** Those that let in what the posture does not open to everybody, so that its exposure table does not have it. */
function redirectionsPast(facts: Pick<Facts, 'raw'>, posture: Posture): string[] {
  const open = new Set(
    posture.firewall.rules.flatMap(({ protocol, port, from }) =>
      from === 'anywhere' ? [`${protocol} ${port}`] : [],
    ),
  );
  return natRedirects(facts).filter((rule) => {
    const protocol = ruleProtocol(rule);
    const opens = (port: number) => open.has(`${protocol} ${port}`);
    return (
      rulePorts(rule)?.every(
        ([low, high]) => high - low < open.size && portsBetween(low, high).every(opens),
      ) !== true
    );
  });
}

/** Why a change is refused because of them; empty when it is not. */
export function natRedirectProblems({ raw }: Pick<Facts, 'raw'>, posture: Posture): string[] {
  const { backend, foreignRules } = posture.firewall;
  const all = natRedirects({ raw });
  if (backend === 'firewalld' && all.length > 0 && sealedFirewall(raw) !== 'firewalld')
    return [
      `firewalld empties the tables of iptables when it starts, so these rules cannot be kept: ${all.join('; ')}. Delete them, or choose another firewall.backend`,
    ];
  const past = foreignRules === 'keep' ? [] : redirectionsPast({ raw }, posture);
  if (past.length === 0) return [];
  return [
    `packets are let in past the firewall, to ports that the configuration does not open to everybody: ${past.join('; ')}. Put the ports into firewall.rules, publish them to loopback only, or set firewall.foreignRules: keep`,
  ];
}

/** What is said of each that stays: no table computed from the configuration has it. */
export function unknownNatRedirects(facts: Pick<Facts, 'raw'>, posture: Posture): string[] {
  return redirectionsPast(facts, posture).map(
    (rule) =>
      `the host redirects packets before its firewall is asked, so what this lets in is not in the exposure table: ${rule}. Docker publishes ports like this; docs/firewall.md says how to keep them in`,
  );
}

function portsBetween(low: number, high: number): number[] {
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, index) => low + index);
}
