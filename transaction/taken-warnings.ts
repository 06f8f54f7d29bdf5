import type { Posture } from '../posture/schema/posture.ts';
import type { Facts } from './facts.ts';
import { leftRules } from './firewall-problems.ts';
import { policyWarnings } from './policies.ts';
import { shutOutWarnings } from './shut-out.ts';
import { unlistedWarnings } from './unlisted.ts';

/** What a change takes from the owner of a host, or leaves otherwise than expected, without being refused for it. */
export function takenWarnings(facts: Facts, posture: Posture, firstUser: string): string[] {
  const left = leftRules(facts, posture);
  return [
    ...unlistedWarnings(facts, posture),
    ...policyWarnings(facts, posture),
    ...shutOutWarnings(facts, posture, firstUser),
    ...(left.length === 0
      ? []
      : [
          `rules of yours that ufw has stay in its files and are not in force with ${posture.firewall.backend}: ${left.join('; ')}`,
        ]),
  ];
}
