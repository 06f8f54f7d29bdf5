import { RemoteError } from '../../remote/error.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { SLOW_SECONDS } from '../../transaction/time-limits.ts';
import type { Context } from '../command-line/context.ts';
import type { Place } from '../host/family.ts';
import { hostReportProgram, parseHostReport } from '../host/host-report.ts';
import { jumpOf, type LoginIdentity } from '../host/login-identity.ts';
import { sshTarget } from '../host/session.ts';
import { type Fleet, foundIn } from '../stack/fleet.ts';
import type { FleetHost } from '../stack/outputs.ts';
import type { HostQuestion } from './measure.ts';

/**
 * Asks a host itself, through its open door, whether its rules are in force, its knock daemon has its
 * sandbox, and its sshd does what it was sealed with. Where this machine has no key for it, or the
 * login fails, nothing is known: `postern doctor` says why.
 *
 * @param logins how each host is logged in to; undefined where the configuration does not say so.
 */
export function askHost(
  host: FleetHost,
  fleet: Fleet,
  logins: Promise<((name: string) => LoginIdentity) | undefined>,
  context: Context,
): (place: Place) => HostQuestion {
  return (place) => async () => {
    const loginOf = await logins;
    const found = foundIn(fleet, host.name);
    if (loginOf === undefined || found === undefined) return undefined;
    const way = sshTarget({ found, place, login: loginOf(host.name), jump: jumpOf(host, context) });
    try {
      const { stdout } = await logInOnce(way, {
        ...hostReportProgram(host.posture),
        timeoutSeconds: SLOW_SECONDS,
      });
      return parseHostReport(stdout, host.posture);
    } catch (error) {
      if (error instanceof RemoteError) return undefined;
      throw error;
    }
  };
}
