import { RemoteError } from '../../remote/error.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { SLOW_SECONDS } from '../../transaction/time-limits.ts';
import type { Place } from '../family.ts';
import { type Fleet, foundIn } from '../fleet.ts';
import { hostWordsQuestion, readHostWords } from '../host-words.ts';
import { wayIn } from '../inside.ts';
import { jumpOf, type Login } from '../login.ts';
import type { FleetHost } from '../outputs.ts';
import type { World } from '../world.ts';
import type { Inside } from './measure.ts';

/**
 * Asks a host itself, through its open door, whether its rules are in force, its knock daemon has its
 * sandbox, and its sshd does what it was sealed with. Where this machine has no key for it, or the
 * logInOnce fails, nothing is known: `postern doctor` says why.
 *
 * @param logins how each host is logged in to; undefined where the configuration does not say so.
 */
export function askInside(
  host: FleetHost,
  fleet: Fleet,
  logins: Promise<((name: string) => Login) | undefined>,
  world: World,
): (place: Place) => Inside {
  return (place) => async () => {
    const loginOf = await logins;
    const found = foundIn(fleet, host.name);
    if (loginOf === undefined || found === undefined) return undefined;
    const way = wayIn({ found, place, login: loginOf(host.name), jump: jumpOf(host, world) });
    try {
      const { stdout } = await logInOnce(way, {
        ...hostWordsQuestion(host.posture),
        timeoutSeconds: SLOW_SECONDS,
      });
      return readHostWords(stdout, host.posture);
    } catch (error) {
      if (error instanceof RemoteError) return undefined;
      throw error;
    }
  };
}
