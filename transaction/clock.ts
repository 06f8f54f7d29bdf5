import { PACKET_AGE } from '../posture/knock/fwknop.ts';
import type { Posture } from '../posture/schema/posture.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';
import type { Facts } from './facts.ts';

/** Units that keep a host's clock right, any of them. */
const KEEPERS = [
  'systemd-timesyncd.service',
  'chrony.service',
  'chronyd.service',
  'ntpsec.service',
  'ntp.service',
];

/** That codes or single packets will fail one day because nothing keeps the host's clock right; undefined where it does not matter. */
export function unkeptClock(posture: Posture, facts: Facts): string | undefined {
  const fits = asksForCode(posture)
    ? 'four minutes no code of the second factor fits'
    : posture.knock.engine === 'fwknop'
      ? `${PACKET_AGE / 60} minutes no packet of fwknop’s opens the door`
      : undefined;
  if (fits === undefined || KEEPERS.some((unit) => facts.unit(unit).active === 'active')) return undefined;
  return `nothing keeps the clock of the host right (none of ${KEEPERS.join(', ')} runs), and once it is off by more than ${fits}. Install chrony or systemd-timesyncd`;
}
