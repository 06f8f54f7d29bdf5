import { type Candidate, candidatesOf, type Wanted, withWanted } from '../../posture/candidates.ts';
import { partsOfUrn } from '../../transaction/record/urn.ts';
import { hasUnknown, type PropertyMap, unwrap } from '../resource/values.ts';

/** By stack and host: what is about to be written down. */
const foreseen = new Map<string, readonly Candidate[]>();

/**
 * Notes what a change of a host's `Candidates` would write down: a preview does not change it, and the engine calls its output
 * unknown, from which nobody could tell whether the host itself is due for a change.
 */
export function foresee(urn: string, olds: PropertyMap, news: PropertyMap): void {
  if (hasUnknown(news)) return;
  const { known } = unwrap(olds) as { known?: string };
  const wanted = JSON.parse(String((unwrap(news) as PropertyMap)['wanted'])) as Wanted;
  // A name that none has.
  foreseen.set(keyOf(urn), withWanted(candidatesOf(known), wanted, ''));
}

/** What was noted for the host of a resource in this run; undefined: nothing. */
export function foreseenFor(urn: string): readonly Candidate[] | undefined {
  return foreseen.get(keyOf(urn));
}

function keyOf(urn: string): string {
  const { stack, name } = partsOfUrn(urn);
  return `${stack}::${name}`;
}
