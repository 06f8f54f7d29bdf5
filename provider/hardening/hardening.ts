import { type Candidate, candidatesOf, isUnsettled } from '../../posture/candidates.ts';
import { programsDigest } from '../../transaction/programs.ts';
import { describeMark, isStale, type StateOfHost } from '../../transaction/record/operation-mark.ts';
import type { Operation } from '../resource/handler.ts';
import { lazy } from '../resource/lazy.ts';
import { hasUnknown, type PropertyMap, same, unchanged, unwrap } from '../resource/values.ts';
import { foreseenFor } from './foreseen.ts';
import { marks, stateOfHost, unsavedChanges } from './marks.ts';

/** Inputs whose change is a change of the host; the others only say how it is reached. */
const DECISIVE = ['posture', 'sequences', 'totp', 'files', 'rules', 'programs'] as const;

const judges = () => Promise.all([import('./inputs.ts'), import('./check-client.ts')]);
const change = () => import('./change.ts');

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * The operator, or whoever made the host, vouches for a host key that is none of those known: the host has become another than
 * the state knows, such as one that was made anew, and has to be looked at.
 */
function vouched(had: PropertyMap, wanted: PropertyMap): boolean {
  const known = [
    ...listOf(had['acceptHostKeys']),
    ...listOf((had['sealed'] as PropertyMap | undefined)?.['hostKeys']),
  ];
  const first = (properties: PropertyMap) => listOf((properties['way'] as PropertyMap)['hostKeys']);
  const anew = first(wanted).some((key) => ![...known, ...first(had)].includes(key));
  return anew || listOf(wanted['acceptHostKeys']).some((key) => !known.includes(key));
}

/** A change was cut off, or taken back, and is not wanted any more: the host may have it all the same. */
function unsettled(had: PropertyMap, known: readonly Candidate[]): boolean {
  const { candidate } = (had['sealed'] ?? {}) as { candidate?: string };
  return isUnsettled(known, candidate);
}

/** A mark of this machine says that the state may be wrong about the host. */
function warnOfMark({ urn, warn }: Operation, state: StateOfHost, wanted: PropertyMap): boolean {
  const found = marks.last(urn);
  marks.noteSaved(state, found);
  if (!isStale(state, found)) return false;
  // Looked up by it, whether the state is an older copy.
  unsavedChanges(urn, state);
  const mark = marks.last(urn) ?? found;
  const host = String((wanted['posture'] as PropertyMap)['host']);
  const next =
    mark.saved === true
      ? '`up` stops at it if that is what is in force there'
      : '`up` enters it and hardens it again';
  warn(`${capital(describeMark(mark, host))}. ${next}.`);
  return true;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Reads what a change takes while there is still something else to do. Failures show where it is needed. */
export function readAhead(): void {
  void Promise.all([judges(), change()]).catch(() => undefined);
}

/** A host's whole posture; creating and updating it is the transaction. */
export const hardening = lazy(async () => (await change()).hardeningChange, {
  async check(olds, news) {
    const inputs = { ...news, programs: programsDigest() };
    if (unchanged(olds, inputs)) return { inputs };
    const [{ checkInputs }, { checkClient }] = await judges();
    return { inputs, failures: [...checkInputs(news), ...(await checkClient(news))] };
  },

  async diff(olds, news, operation) {
    const { newHostKeys: _newHostKeys, candidates, ...rest } = news;
    const known = hasUnknown(candidates)
      ? foreseenFor(operation?.urn ?? '')
      : candidatesOf(unwrap(candidates) as string | undefined);
    if (hasUnknown(rest) || known === undefined) return { changes: true };
    const [had, wanted] = [unwrap(olds) as PropertyMap, unwrap(rest) as PropertyMap];
    const drifted = Array.isArray(had['drift']) && had['drift'].length > 0;
    const moved = !same((had['way'] as PropertyMap)['address'], (wanted['way'] as PropertyMap)['address']);
    const stale = operation !== undefined && warnOfMark(operation, stateOfHost(had), wanted);
    const due = drifted || moved || stale || vouched(had, wanted) || unsettled(had, known);
    return { changes: due || DECISIVE.some((key) => !same(had[key], wanted[key])) };
  },
});
