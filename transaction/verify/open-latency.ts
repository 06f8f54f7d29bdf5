import type { Posture } from '../../posture/schema/posture.ts';

/** Milliseconds in which a daemon runs the door's program where that only tells the kernel. */
const DAEMON_REACTION = 300;

/** The same where the daemon looks for packets ten times a second. */
const FWKNOP_REACTION = 600;

/** ufw is a Python program that writes its files anew; the slowest of 80 took 1.5 s. */
const UFW_REACTION = 3000;

/** firewalld is asked over D-Bus; the slowest of 80 took 0.4 s. */
const FIREWALLD_REACTION = 1200;

/**
 * Milliseconds in which the host would have opened a door that it was wrongly knocked at: what is still silent then
 * stays silent. Measured: docs/decisions/0050-how-long-a-door-may-take.md.
 */
export function openLatency({ knock, firewall }: Posture): number {
  if (knock.engine === 'kernel') return DAEMON_REACTION;
  if (firewall.backend === 'ufw' && knock.door === 'held') return UFW_REACTION;
  if (firewall.backend === 'firewalld') return FIREWALLD_REACTION;
  return knock.engine === 'fwknop' ? FWKNOP_REACTION : DAEMON_REACTION;
}
