import type { Posture } from '../posture/schema/posture.ts';
import { excerpt } from '../remote/sanitise.ts';
import type { Facts } from './facts/facts.ts';
import type { Evidence } from './verify/evidence.ts';

/** Sessions that are told one by one; of more than these only the number. */
const TOLD = 20;

/**
 * What the seal did about the sessions on the host, as the host says it, for the evidence: those that it ended, because
 * nobody could log in like that any more, and those that it left, of which it cannot tell by what they came in.
 *
 * @param answer lines `session ended USER PEER TTY WHY` and `session open USER PEER TTY`; others are none.
 */
export function sessionEvidence(answer: string, at: string = new Date().toISOString()): Evidence[] {
  const lines = answer.split('\n').filter((line) => /^session (ended|open) \S+ \S+ \S+/.test(line));
  return lines.slice(0, TOLD).map((line) => {
    const [, did, user = '', peer = '', tty = '', ...why] = line.split(' ');
    const check = excerpt(`session of ${user} from ${peer}${tty === 'notty' ? '' : ` (${tty})`}`, 200);
    const seen =
      did === 'ended' ? `ended: ${why.join(' ')}` : 'open: the host does not say by which key it logged in';
    const family = peer.startsWith('[') ? 'ipv6' : 'ipv4';
    return { check, family, expected: 'by a key that may log in', seen: excerpt(seen, 300), at };
  });
}

/** Sessions that are still open and that nobody can answer for, a sentence each; for `unverified`. */
export function openSessions(evidence: readonly Evidence[]): string[] {
  return evidence
    .filter(({ check, seen }) => check.startsWith('session of ') && seen.startsWith('open'))
    .map(
      ({ check }) =>
        `the ${check} was open when the host was sealed, and the host does not say by which key it logged in; if it is not yours, end it there (who -u, loginctl)`,
    );
}

/** Sessions that the seal will end, told before anything is written. */
export function endingSessions({ raw }: Facts, { admin }: Posture): string[] {
  const ending = (raw.get('session') ?? [])
    .map((line) => line.split(' '))
    .filter(([user]) => user !== admin.user);
  if (ending.length === 0) return [];
  const named = ending
    .slice(0, TOLD)
    .map(([user, , peer, tty]) => `${user} from ${peer}${tty === 'notty' ? '' : ` (${tty})`}`);
  const more = ending.length - named.length;
  return [
    `these ssh sessions end when the host is sealed, because only ${admin.user} may log in from then on: ${excerpt(named.join(', '), 2000)}${more > 0 ? ` and ${more} more` : ''}; what runs apart from them (screen, tmux, a unit) goes on`,
  ];
}
