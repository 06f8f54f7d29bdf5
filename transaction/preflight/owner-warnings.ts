import type { Posture } from '../../posture/schema/posture.ts';
import type { Facts } from '../facts/facts.ts';
import { policyWarnings } from './default-policies.ts';
import { leftRules } from './firewall-problems.ts';
import { lockoutWarnings } from './lockout-warnings.ts';
import { unlistedServiceWarnings } from './unlisted-services.ts';

/** What a change takes from the owner of a host, or leaves otherwise than expected, without being refused for it. */
export function ownerWarnings(facts: Facts, posture: Posture, firstUser: string): string[] {
  const left = leftRules(facts, posture);
  return [
    ...unlistedServiceWarnings(facts, posture),
    ...policyWarnings(facts, posture),
    ...lockoutWarnings(facts, posture, firstUser),
    ...(left.length === 0
      ? []
      : [
          `rules of yours that ufw has stay in its files and are not in force with ${posture.firewall.backend}: ${left.join('; ')}`,
        ]),
  ];
}
