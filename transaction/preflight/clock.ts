import { engineOf } from '../../posture/knock/engines.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { asksForCode } from '../../posture/sshd/second-factor.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Facts } from '../facts/facts.ts';
import { SLOW_SECONDS } from '../time-limits.ts';

/** Units that keep a host's clock right, any of them. */
const KEEPERS = [
  'systemd-timesyncd.service',
  'chrony.service',
  'chronyd.service',
  'ntpsec.service',
  'ntp.service',
];

/** That codes or single packets will fail one day because nothing keeps the host's clock right; undefined where it does not matter. */
export function unsynchronizedClock(posture: Posture, facts: Facts): string | undefined {
  const tolerance = engineOf(posture.knock.engine).clockTolerance;
  // What fails first.
  const fits =
    tolerance !== undefined
      ? `${tolerance / 60} minutes no packet of ${posture.knock.engine}’s opens the door`
      : asksForCode(posture)
        ? 'four minutes no code of the second factor fits'
        : undefined;
  if (fits === undefined || KEEPERS.some((unit) => facts.unit(unit).active === 'active')) return undefined;
  return `nothing keeps the clock of the host right (none of ${KEEPERS.join(', ')} runs), and once it is off by more than ${fits}. Install chrony or systemd-timesyncd`;
}

/**
 * That the host's clock is too far from this machine's for single packets, seen before anything is changed; nothing where
 * it does not matter.
 */
export async function clockProblems(session: Session, { knock }: Posture): Promise<string[]> {
  const tolerance = engineOf(knock.engine).clockTolerance;
  if (tolerance === undefined) return [];
  const before = Date.now();
  const result = await session.run({ argv: ['date', '+%s'], timeoutSeconds: SLOW_SECONDS });
  const answer = expectSuccess(result, 'read the clock of the host').trim();
  const said = /^\d{1,12}$/.test(answer) ? Number(answer) : undefined;
  if (said === undefined) return ['the clock of the host tells no time (date +%s); see what `date` is there'];
  const off = secondsOff(said, before, Date.now());
  // Half of it, to begin with: clocks drift.
  if (Math.abs(off) <= tolerance / 2) return [];
  return [
    `the clock of the host is ${Math.abs(off)} s ${off < 0 ? 'behind' : 'ahead of'} this machine's, and ${knock.engine} takes no packet that was made more than ${tolerance} s before or after; set the wrong one of them right (timedatectl set-ntp true, where systemd-timesyncd or chrony is installed), or take knockd or kernel`,
  ];
}

/**
 * How far another clock is ahead of this one at least, in whole seconds; less than 0: behind.
 *
 * @param said what it said, in seconds.
 * @param before when it was asked by this one, in milliseconds.
 * @param after when the answer was there.
 */
export function secondsOff(said: number, before: number, after: number): number {
  if (said * 1000 > after) return Math.floor(said - after / 1000);
  return Math.min(0, Math.ceil(said + 1 - before / 1000));
}
