import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Candidate, unproven } from '../../posture/candidates.ts';
import { CandidatesText } from '../../posture/schema/candidates.ts';
import { NoLoginError } from '../../transaction/connect.ts';
import type { Job } from '../../transaction/job.ts';
import { partsOfUrn } from '../../transaction/record/urn.ts';
import { located } from '../identity.ts';
import { plainOfExport } from '../resource/values.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** Those that may be in force although they were never proven, as a job has them. */
export function unprovenCandidates(
  known: readonly Candidate[],
  proven: string | undefined,
): Job['candidates'] {
  return unproven(known, proven).map((candidate) => ({
    ...candidate,
    identity: located(candidate.identity),
  }));
}

/**
 * Does something to a host, and if no way led in, once more with the ways in that were written down for it since. An update is
 * given them; who looks at a host or removes it is only given what its own resource remembers, which is older after a run
 * that was killed. So the engine is asked for its state.
 *
 * @param urn of the host's `Hardening`.
 * @param proven the name of the candidate that was proven last.
 * @param ask reads the candidates; the engine's by default.
 */
export async function withExportedCandidates<T>(
  job: Job,
  urn: string,
  proven: string | undefined,
  act: (job: Job) => Promise<T>,
  ask: (urn: string) => Promise<readonly Candidate[]> = exportedCandidates,
): Promise<T> {
  try {
    return await act(job);
  } catch (error) {
    if (!isNoLogin(error)) throw error;
    const candidates = unprovenCandidates(await ask(urn).catch(() => []), proven);
    if (candidates === undefined || candidates.length === 0) throw error;
    return act({ ...job, candidates });
  }
}

/** Nothing was done to the host. */
function isNoLogin(error: unknown): boolean {
  return error instanceof NoLoginError || (error instanceof Error && error.cause instanceof NoLoginError);
}

async function exportedCandidates(urn: string): Promise<readonly Candidate[]> {
  const { stack } = partsOfUrn(urn);
  const argv = ['stack', 'export', '--show-secrets', '--non-interactive', '--stack', stack];
  const options = { cwd: PROJECT, maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(join(PROJECT, 'tools/pulumi.sh'), argv, options);
  return candidatesIn(JSON.parse(stdout), urn);
}

/** The ways in that an exported state has for the host of a resource. */
export function candidatesIn(exported: unknown, urn: string): readonly Candidate[] {
  const { deployment } = exported as {
    deployment?: { resources?: { type: string; urn: string; outputs?: { known?: unknown } }[] };
  };
  const { name } = partsOfUrn(urn);
  const found = deployment?.resources?.find(
    (each) => each.type === 'postern:index:Candidates' && partsOfUrn(each.urn).name === name,
  );
  return CandidatesText.safeParse(plainOfExport(found?.outputs?.known)).data ?? [];
}
