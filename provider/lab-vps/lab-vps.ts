import { lazy } from '../resource/lazy.ts';
import { hasUnknown, same, unchanged, unwrap } from '../resource/values.ts';

/** A real VPS on this machine. It outlives the program; only its destruction ends it. */
export const labVps = lazy(async () => (await import('./handler.ts')).labVpsHandler, {
  async check(olds, news) {
    if (hasUnknown(news) || unchanged(olds, news)) return { inputs: news };
    const [{ LabVpsInputs }, { problemsOf }] = await Promise.all([
      import('./handler.ts'),
      import('../../posture/validate/problem.ts'),
    ]);
    const parsed = LabVpsInputs.safeParse(unwrap(news));
    return parsed.success ? { inputs: parsed.data } : { inputs: news, failures: problemsOf(parsed.error) };
  },

  async diff(olds, news) {
    if (hasUnknown(news)) return { changes: true };
    const replaces = ['name', 'release', 'authorizedKeys'].filter(
      (key) => !same(unwrap(olds[key]), unwrap(news[key])),
    );
    return { changes: replaces.length > 0, replaces, deleteBeforeReplace: true };
  },
});
