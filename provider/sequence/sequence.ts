import type { Sequences } from '../../posture/knock/sequence.ts';
import { lazy } from '../resource/lazy.ts';
import { hasUnknown, type PropertyMap, same, unchanged, unwrap } from '../resource/values.ts';

/** A port of the generated sequences has become one that the host serves. */
function collides(olds: PropertyMap, avoid: readonly number[]): boolean {
  const { open, close } = unwrap(olds) as unknown as Sequences;
  return [...open, ...(close ?? [])].some((knock) => avoid.includes(knock.port));
}

/** Secret knock sequences of one host, made once and kept in the engine's state, encrypted. */
export const sequence = lazy(async () => (await import('./handler.ts')).sequenceHandler, {
  async check(olds, news) {
    if (hasUnknown(news) || unchanged(olds, news)) return { inputs: news };
    const [{ SequenceInputs }, { problemsOf }] = await Promise.all([
      import('./handler.ts'),
      import('../../posture/validate/problem.ts'),
    ]);
    const parsed = SequenceInputs.safeParse(unwrap(news));
    return { inputs: news, failures: parsed.success ? [] : problemsOf(parsed.error) };
  },

  async diff(olds, news) {
    if (hasUnknown(news)) return { changes: true };
    // Inputs that were checked.
    const { avoid, ...wanted } = unwrap(news) as PropertyMap & { avoid: number[] };
    const { avoid: _avoided, open: _open, close: _close, ...had } = unwrap(olds) as PropertyMap;
    return { changes: !same(wanted, had) || collides(olds, avoid) };
  },
});
