import { KeptError } from '../transaction/error.ts';
import { harden } from '../transaction/harden.ts';
import { inspect } from '../transaction/inspect.ts';
import type { Job, Previous } from '../transaction/job.ts';
import type { StateOfHost } from '../transaction/operation-mark.ts';
import { release } from '../transaction/release.ts';
import type { Sealed } from '../transaction/sealed.ts';
import type { Operation } from './handler.ts';
import { HardeningInputs } from './hardening-inputs.ts';
import { located } from './identity.ts';
import type { Rest } from './lazy.ts';
import { marks, stateOfHost } from './marks.ts';
import { Pace } from './pace.ts';
import { underRecord } from './record-keeping.ts';
import { type Bag, unwrap } from './values.ts';

/** Milliseconds from the start of one host's change to the next: what an ssh client's key exchange takes a processor. */
const pace = new Pace(70);

function jobOf(inputs: HardeningInputs, previous: Previous | undefined): Job {
  const { posture, sequences, totp, way, identity, jumpIdentity } = inputs;
  const jump = way.jump === undefined ? undefined : { ...way.jump, identity: located(jumpIdentity) };
  return { posture, sequences, totp, first: { ...way, jump }, identity: located(identity), previous };
}

/** Of all that was proven, what the engine remembers: the evidence as one text, of which it has less to do (decision 0060). */
function recorded({ evidence, ...sealed }: Sealed): Bag {
  return { ...sealed, evidence: JSON.stringify(evidence) };
}

/** The sealed state that the engine remembers; a host that was never sealed has none. */
function previousOf(state: Bag): Previous | undefined {
  const { sealed, ...inputs } = unwrap(state) as Bag & { sealed?: Omit<Sealed, 'evidence'> };
  const { drift: _drift, ...rest } = inputs;
  const parsed = HardeningInputs.safeParse(rest);
  if (!parsed.success || sealed === undefined) return undefined;
  const { posture, sequences, totp } = parsed.data;
  return { posture, sequences, totp, hostKeys: sealed.hostKeys, verifiedV6: sealed.verifiedV6 };
}

async function apply(
  news: Bag,
  previous: Previous | undefined,
  operation: Operation,
  before: StateOfHost,
): Promise<Bag> {
  const inputs = HardeningInputs.parse(unwrap(news));
  const { report, warn, signal } = operation;
  const { rollbackSeconds } = inputs.posture.verify;
  await pace.turn(signal);
  try {
    const sealed = await underRecord('harden', before, rollbackSeconds, operation, async (recordable) => {
      const result = await harden(jobOf(inputs, previous), report, signal, warn, recordable);
      return { result, outcome: result.sealedAt };
    });
    return { ...news, sealed: recorded(sealed), drift: [] };
  } catch (error) {
    if (!(error instanceof KeptError)) throw error;
    throw Object.assign(
      error,
      keptState(inputs.posture.host, { ...news, sealed: recorded(error.sealed) }, error.message),
    );
  }
}

/** How an error tells the engine to remember the resource all the same; the drift makes the next `up` go on with it. */
function keptState(id: string, state: Bag, reason: string) {
  return {
    id,
    properties: { ...state, drift: ['- sealed', '+ committed, its end was not seen'] },
    reasons: [reason],
  };
}

/** What a `Hardening` does with its host. */
export const hardeningChange: Rest = {
  async create(inputs, operation) {
    const { posture, way } = HardeningInputs.parse(unwrap(inputs));
    const before = { address: way.address, sealedAt: '' };
    return { id: posture.host, outs: await apply(inputs, undefined, operation, before) };
  },

  async update(olds, news, operation) {
    return { outs: await apply(news, previousOf(olds), operation, stateOfHost(unwrap(olds) as Bag)) };
  },

  async read(id, state, { report, urn }) {
    const previous = previousOf(state);
    if (previous === undefined) return { id, props: state };
    const { drift: _drift, sealed: _sealed, ...inputs } = state;
    const job = jobOf(HardeningInputs.parse(unwrap(inputs)), previous);
    const drift = await inspect(job, previous, report);
    if (drift.length === 0) marks.settle(urn);
    return { id, props: { ...state, drift }, inputs };
  },

  async delete(state, operation) {
    const { report, signal } = operation;
    const previous = previousOf(state);
    if (previous === undefined) return;
    const { drift: _drift, sealed: _sealed, ...inputs } = unwrap(state) as Bag;
    const job = jobOf(HardeningInputs.parse(inputs), previous);
    const { rollbackSeconds } = previous.posture.verify;
    await underRecord(
      'restore',
      stateOfHost(unwrap(state) as Bag),
      rollbackSeconds,
      operation,
      async (recordable) => {
        await release(job, previous, report, signal, recordable);
        return { result: undefined, outcome: 'restored' };
      },
    );
  },
};
