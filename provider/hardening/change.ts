import type { Candidate } from '../../posture/candidates.ts';
import { CandidatesText } from '../../posture/schema/candidates.ts';
import { type Problem, problemsOf } from '../../posture/validate/problem.ts';
import { NoLoginError } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { SealedBy } from '../../transaction/drift/unknown-change.ts';
import { CommittedUnsealedError, messageOf, TransactionError } from '../../transaction/error.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import type { StateOfHost } from '../../transaction/record/operation-mark.ts';
import { restoreHost } from '../../transaction/restore.ts';
import type { Sealed } from '../../transaction/sealed.ts';
import { located } from '../identity.ts';
import type { Operation } from '../resource/handler.ts';
import type { LazyHandler } from '../resource/lazy.ts';
import { type PropertyMap, unwrap } from '../resource/values.ts';
import { StartThrottle } from '../start-throttle.ts';
import { unprovenCandidates, withExportedCandidates } from './exported-candidates.ts';
import { HardeningInputs } from './inputs.ts';
import { marks, stateOfHost, unsavedChanges } from './marks.ts';
import { underRecord } from './record-keeping.ts';

/** Milliseconds from the start of one host's change to the next: what an ssh client's key exchange takes a processor. */
const pace = new StartThrottle(70);

/** @param proven which of the candidates was proven last. */
function jobOf(inputs: HardeningInputs, previous: Previous | undefined, proven?: string): Job {
  const { posture, sequences, totp, way, identity, jumpIdentity, newHostKeys, acceptHostKeys } = inputs;
  const jump = way.jump === undefined ? undefined : { ...way.jump, identity: located(jumpIdentity) };
  const candidates = unprovenCandidates(knownCandidates(inputs), proven);
  return {
    ...{ posture, sequences, totp, previous, candidates, newHostKeys, acceptHostKeys },
    initialAccess: { ...way, jump },
    identity: located(identity),
  };
}

/** Only ever a help: a list that cannot be read must not keep anybody from a change. */
function knownCandidates({ candidates }: HardeningInputs): readonly Candidate[] {
  return CandidatesText.safeParse(candidates).data ?? [];
}

/**
 * What the engine remembers of a change that was proven: without what is only needed to come in and to make it, and the
 * evidence as one text, of which the engine has less to do (decision 0060).
 */
function remembered(news: PropertyMap, { evidence, ...sealed }: Sealed): PropertyMap {
  const { candidates: _candidates, newHostKeys: _newHostKeys, ...rest } = news;
  const candidate = knownCandidates(HardeningInputs.parse(unwrap(news)))[0]?.id;
  return { ...rest, sealed: { ...sealed, candidate, evidence: JSON.stringify(evidence) } };
}

/** What of it the engine gives back. */
type Remembered = Omit<Sealed, 'evidence' | 'change'> & Pick<Previous, 'change' | 'acknowledged'>;

/** Which candidate was proven last; undefined in states from before there were any. */
function provenCandidate(state: PropertyMap): string | undefined {
  return (unwrap(state['sealed']) as { candidate?: string } | undefined)?.candidate;
}

/**
 * The sealed state that the engine remembers; a host that was never sealed has none.
 *
 * @throws TransactionError where this version cannot read it: nobody may take the host for one that was never sealed.
 */
function previousOf(state: PropertyMap): Previous | undefined {
  const { sealed, ...inputs } = unwrap(state) as PropertyMap & { sealed?: Remembered };
  if (sealed === undefined) return undefined;
  const { drift: _drift, ...rest } = inputs;
  const parsed = HardeningInputs.safeParse(rest);
  if (!parsed.success) throw unreadable(problemsOf(parsed.error));
  const { posture, sequences, totp, identity } = parsed.data;
  const { hostKeys, verifiedV6, sealedAt, change, acknowledged } = sealed;
  return {
    ...{ posture, sequences, totp, hostKeys, verifiedV6, sealedAt, change, acknowledged },
    identity: located(identity),
  };
}

function unreadable(problems: readonly Problem[]): TransactionError {
  const listed = problems.map(({ property, reason }) => `\n  ${property}: ${reason}`).join('');
  return new TransactionError(
    `This version of Postern cannot read what the state says of this host:${listed}`,
    'was not touched.',
    'run the version that wrote the state, an earlier or a later one: `git log` in this project has it. If somebody edited the state, docs/state.md says how to take a copy of it back.',
  );
}

/** Host keys of the first way in that the state does not have: the host was made anew with them since it was sealed. */
function newlyPinned({ way }: HardeningInputs, olds: PropertyMap | undefined): string[] {
  const had = (unwrap(olds?.['way']) as { hostKeys?: string[] } | undefined)?.hostKeys;
  return had === undefined ? [] : way.hostKeys.filter((key) => !had.includes(key));
}

async function apply(
  news: PropertyMap,
  olds: PropertyMap | undefined,
  operation: Operation,
  before: StateOfHost,
): Promise<PropertyMap> {
  const previous = olds === undefined ? undefined : previousOf(olds);
  const proven = olds === undefined ? undefined : provenCandidate(olds);
  const inputs = HardeningInputs.parse(unwrap(news));
  const { report, signal } = operation;
  const { rollbackSeconds } = inputs.posture.verify;
  await pace.turn(signal);
  const job: Job = {
    ...jobOf(inputs, previous, proven),
    unsaved: unsavedChanges(operation.urn, before),
    acceptHostKeys: [...(inputs.acceptHostKeys ?? []), ...newlyPinned(inputs, olds)],
  };
  try {
    const sealed = await underRecord(
      'harden',
      before,
      rollbackSeconds,
      operation,
      async ({ recordable, warn }) => {
        const result = await harden(job, report, signal, warn, recordable);
        return { result, outcome: result.sealedAt };
      },
    );
    return { ...remembered(news, sealed), drift: [] };
  } catch (error) {
    if (!(error instanceof CommittedUnsealedError)) throw error;
    throw Object.assign(error, keptState(inputs.posture.host, remembered(news, error.sealed), error.message));
  }
}

/** How an error tells the engine to remember the resource all the same; the drift makes the next `up` go on with it. */
function keptState(id: string, state: PropertyMap, reason: string) {
  return {
    id,
    properties: { ...state, drift: ['- sealed', '+ committed, its end was not seen'] },
    reasons: [reason],
  };
}

/** What the state has of the seal, with the change of somebody else's that this look at the host has shown. */
function acknowledging(state: PropertyMap, acknowledged: string | undefined): PropertyMap {
  const sealed = state['sealed'] as PropertyMap;
  return acknowledged === undefined ? sealed : { ...sealed, acknowledged };
}

/** The same, for a look: one state that cannot be read must not keep the engine from looking at the other hosts. */
function readableOf(state: PropertyMap, warn: (words: string) => void): Previous | undefined | 'unreadable' {
  try {
    return previousOf(state);
  } catch (error) {
    warn(messageOf(error));
    return 'unreadable';
  }
}

/** The drift of a host of which the state is not understood: `up` says so. */
const UNREAD = ['- a state that this version can read', '+ a state of another version'];

/** The drift of a host that could not be entered: `up` tries again. */
const UNSEEN = ['- entered through its door', '+ no way in'];

/** What a `Hardening` does with its host. */
export const hardeningChange: LazyHandler = {
  async create(inputs, operation) {
    const { posture, way } = HardeningInputs.parse(unwrap(inputs));
    const before = { address: way.address, sealedAt: '' };
    return { id: posture.host, outs: await apply(inputs, undefined, operation, before) };
  },

  async update(olds, news, operation) {
    return { outs: await apply(news, olds, operation, stateOfHost(unwrap(olds) as PropertyMap)) };
  },

  async read(id, state, { report, warn, urn }) {
    const previous = readableOf(state, (words) => warn(`${id}: ${words}`));
    if (previous === undefined) return { id, props: state };
    if (previous === 'unreadable') return { id, props: { ...state, drift: [...UNREAD] } };
    const { drift: _drift, sealed: _sealed, ...inputs } = state;
    const job = jobOf(HardeningInputs.parse(unwrap(inputs)), previous);
    let acknowledged: string | undefined;
    const note = ({ id: change }: SealedBy) => {
      acknowledged = change;
    };
    const look = (tried: Job) => inspect(tried, previous, report, note);
    const drift = await withExportedCandidates(job, urn, provenCandidate(state), look).catch(
      (error: unknown) => {
        // A host that is down must not keep the engine from looking at the others; it is a difference all the same.
        if (!(error instanceof NoLoginError)) throw error;
        warn(
          `${id} could not be looked at: ${error.message}\nThe host: was not touched, and the state has it as it was.\nNext: \`postern doctor ${id}\` says why; if it is gone for good, docs/state.md has the command that takes it out of the stack.`,
        );
        return [...UNSEEN];
      },
    );
    if (drift.length === 0) marks.settle(urn);
    return { id, props: { ...state, drift, sealed: acknowledging(state, acknowledged) }, inputs };
  },

  async delete(state, operation) {
    const { report, signal } = operation;
    const previous = previousOf(state);
    if (previous === undefined) return;
    const { drift: _drift, sealed: _sealed, ...inputs } = unwrap(state) as PropertyMap;
    const job = jobOf(HardeningInputs.parse(inputs), previous);
    const { rollbackSeconds } = previous.posture.verify;
    await underRecord(
      'restore',
      stateOfHost(unwrap(state) as PropertyMap),
      rollbackSeconds,
      operation,
      async ({ recordable }) => {
        const restore = (tried: Job) => restoreHost(tried, previous, report, signal, recordable);
        await withExportedCandidates(job, operation.urn, provenCandidate(state), restore);
        return { result: undefined, outcome: 'restored' };
      },
    );
  },
};
