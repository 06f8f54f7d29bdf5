import { RemoteError } from '../../remote/error.ts';
import type { FoundHost } from './fleet.ts';

/**
 * A host as the changes would have it whose end was not seen, the newest first: any of them may be in force.
 *
 * @returns each as a host of its own; none that is entered like the one before.
 */
export function unfinishedVariants(found: FoundHost): FoundHost[] {
  const { host, knock, candidates } = found;
  const seen = [entered(found)];
  return candidates.flatMap(({ port, user, open, close, totp }): FoundHost[] => {
    const openSeconds = knock.openSeconds;
    const variant = {
      ...{ ...found, totp },
      // What else it wants is not written down.
      ...{ host: { ...host, sshPort: port, user, posture: undefined }, knock: { open, close, openSeconds } },
    };
    if (seen.includes(entered(variant))) return [];
    seen.push(entered(variant));
    return [variant];
  });
}

/** The same, of those with one door only the newest. */
export function unfinishedDoors(found: FoundHost): FoundHost[] {
  const seen = [doorOf(found)];
  return unfinishedVariants(found).filter((variant) => {
    const isNew = !seen.includes(doorOf(variant));
    seen.push(doorOf(variant));
    return isNew;
  });
}

/** Of one host, those that are come into through the same door: they differ in who logs in. */
export function sameDoor(variant: FoundHost, found: FoundHost): FoundHost[] {
  return [found, ...unfinishedVariants(found)].filter((other) => doorOf(other) === doorOf(variant));
}

/**
 * What `knock` gives; undefined if this machine lacks the client that its packet is made with: then nothing is known of
 * that door, and the others still count.
 */
export async function ifKnockable<T>(knock: () => Promise<T>): Promise<T | undefined> {
  try {
    return await knock();
  } catch (error) {
    if (error instanceof RemoteError && error.kind === 'no-client') return undefined;
    throw error;
  }
}

/** What `login` gives for the first that it does not fail for; the first failure, where it fails for all. */
export async function firstOf<T>(
  variants: readonly FoundHost[],
  login: (variant: FoundHost) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  for (const variant of variants) {
    try {
      return await login(variant);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

/** What an operator is told who came in by another way than the proven one; undefined where it is that one. */
export function unfinishedNote(inForce: FoundHost, found: FoundHost): string | undefined {
  if (inForce === found) return undefined;
  const { host, stack } = inForce;
  return `${host.name}: a change that was cut off is in force there (${host.user} on port ${host.sshPort}), not what the state says. Finish it: npm run up -- ${stack}`;
}

function doorOf({ host, knock }: FoundHost): string {
  return JSON.stringify([host.sshPort, knock.open]);
}

function entered({ host, knock, totp }: FoundHost): string {
  return JSON.stringify([host.sshPort, host.user, knock.open, totp ?? null]);
}
