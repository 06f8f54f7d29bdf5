import { describe, expect, it } from 'vitest';
import { type Candidate, candidatesText } from '../../../posture/candidates.ts';
import { candidatesIn, withExportedCandidates } from '../../../provider/hardening/exported-candidates.ts';
import { NoLoginError } from '../../../transaction/connect.ts';
import { TransactionError } from '../../../transaction/error.ts';
import type { Job } from '../../../transaction/job.ts';
import { postureWith, SEQUENCES } from '../../posture/fixture.ts';

const URN = 'urn:pulumi:devnet::postern::postern:components:Fleet$postern:index:Hardening::node-1';
const candidate = (id: string): Candidate => ({ id, port: 2200, user: 'ops', ...SEQUENCES });
const job: Job = {
  ...{ posture: postureWith({}), sequences: SEQUENCES, identity: undefined, previous: undefined },
  initialAccess: { address: '192.0.2.7', port: 22, user: 'root', hostKeys: [] },
};

/** Which candidates each try was given; `fails` is what it ends with where it has none. */
async function tries(fails: Error, known: readonly Candidate[]) {
  const given: (readonly string[])[] = [];
  const act = async ({ candidates = [] }: Job) => {
    given.push(candidates.map(({ id }) => id));
    if (candidates.length === 0) throw fails;
  };
  const failure = await withExportedCandidates(job, URN, 'proven', act, async () => known).catch(
    (error) => error,
  );
  return { given, failure };
}

describe('a host that is looked at, or given back, and that no way led into', () => {
  const noWay = new NoLoginError('no way in.');

  it('is entered by what was written down since the last proof', async () => {
    const known = [candidate('late'), candidate('proven'), candidate('before')];
    expect(await tries(noWay, known)).toEqual({ given: [[], ['late']], failure: undefined });
    const told = new TransactionError('Could not log in', 'was not touched.', 'x', { cause: noWay });
    expect((await tries(told, known)).given).toEqual([[], ['late']]);
  });

  it('is left alone where nothing was, or where something else failed', async () => {
    expect(await tries(noWay, [candidate('proven')])).toEqual({ given: [[]], failure: noWay });
    const other = new TransactionError('The step failed', 'x', 'x', {
      cause: new Error('y', { cause: noWay }),
    });
    expect(await tries(other, [candidate('late')])).toEqual({ given: [[]], failure: other });
  });

  it('has its ways in in the state that the engine exports', () => {
    const known = [candidate('a1'), candidate('b2')];
    const plaintext = JSON.stringify(candidatesText(known));
    const resource = (host: string, outputs: object) => ({
      type: 'postern:index:Candidates',
      urn: `urn:pulumi:devnet::postern::postern:index:Candidates::${host}`,
      outputs,
    });
    const resources = [
      resource('node-2', { known: '[]' }),
      resource('node-1', { known: { '4dabf18193072939515e22adb298388d': 'x', plaintext } }),
    ];
    expect(candidatesIn({ deployment: { resources } }, URN)).toEqual(known);
    expect(candidatesIn({}, URN)).toEqual([]);
  });
});
