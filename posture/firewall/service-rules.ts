import type { Rule } from '../schema/firewall.ts';
import type { Posture } from '../schema/posture.ts';

/** A port that is open without a knock, to one network. */
export interface ServiceRule {
  /** Address family that the rule is for; undefined: both. */
  readonly family: 4 | 6 | undefined;
  readonly protocol: Rule['protocol'];
  readonly port: number;
  /** Network in CIDR notation or address; undefined: anywhere. */
  readonly network: string | undefined;
  /** What marks the rule as Postern's and says what it is for. */
  readonly comment: string;
}

/** The ports of a posture that are open without a knock, one line for each network, in the order of the configuration. */
export function serviceRules(posture: Posture): ServiceRule[] {
  return posture.firewall.rules.flatMap(({ port, protocol, from, purpose }): ServiceRule[] => {
    const comment = `postern: ${purpose}`;
    if (from === 'anywhere') return [{ family: undefined, protocol, port, network: undefined, comment }];
    return from.map((network) => ({ family: familyOf(network), protocol, port, network, comment }));
  });
}

/** Those that concern an address family. */
export function serviceRulesOf(posture: Posture, family: 4 | 6): ServiceRule[] {
  return serviceRules(posture).filter((rule) => rule.family === undefined || rule.family === family);
}

function familyOf(network: string): 4 | 6 {
  return network.includes(':') ? 6 : 4;
}
