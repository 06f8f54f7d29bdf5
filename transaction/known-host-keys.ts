import type { Job } from './job.ts';

/**
 * Every host key that may be the host's behind its door, `type base64`: those that were proven, those of changes whose end
 * was not seen, those of this change, and those that the operator vouches for. Before the first proof, those that it was
 * first entered by, too; after it they may be ones that were replaced because somebody else has them.
 */
export function knownHostKeys(
  job: Pick<Job, 'initialAccess' | 'previous' | 'candidates' | 'newHostKeys' | 'acceptHostKeys'>,
): string[] {
  const { initialAccess, previous, candidates = [], newHostKeys, acceptHostKeys = [] } = job;
  const all = [
    ...(previous?.hostKeys ?? initialAccess.hostKeys),
    ...(newHostKeys?.publicKeys ?? []),
    ...candidates.flatMap(({ hostKeys = [] }) => hostKeys),
    ...acceptHostKeys,
  ];
  return [...new Set(all.map(withoutComment))];
}

/**
 * Of the keys that a change is about to bring into force, none is known but from the host itself.
 *
 * @returns what to do about it; undefined where one is known, so that the host is found again whatever happens now.
 */
export function unknownHostKeys(job: Job, coming: readonly string[]): string | undefined {
  const known = knownHostKeys(job);
  if (coming.some((key) => known.includes(withoutComment(key)))) return undefined;
  return `none of the host keys that sshd would offer from now on is pinned, so nobody would find the host again if this run were cut off. Its own keys are:\n${coming.map((key) => `    ${key}`).join('\n')}\n  They were read over the pinned connection. Add one of them to target.hostKeys (to acceptHostKeys of the host if it was hardened before), or raise ssh.hostKeyGeneration to have new ones`;
}

function withoutComment(key: string): string {
  return key.trim().split(' ').slice(0, 2).join(' ');
}
