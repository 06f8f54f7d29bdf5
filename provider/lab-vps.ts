import { lazy } from './lazy.ts';
import { hasUnknown, same, unchanged, unwrap } from './values.ts';

/** A real VPS on this machine. It outlives the program; only its destruction ends it. */
export const labVps = lazy(async () => (await import('./lab-vps-life.ts')).labVpsLife, {
  async check(olds, news) {
    if (hasUnknown(news) || unchanged(olds, news)) return { inputs: news };
    const [{ LabVpsInputs }, { problemsOf }] = await Promise.all([
      import('./lab-vps-life.ts'),
      import('../posture/problem.ts'),
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
