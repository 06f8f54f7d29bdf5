import type { Sequences } from '../posture/knock/sequence.ts';
import { lazy } from './lazy.ts';
import { type Bag, hasUnknown, same, unchanged, unwrap } from './values.ts';

/** A port of the generated sequences has become one that the host serves. */
function collides(olds: Bag, avoid: readonly number[]): boolean {
  const { open, close } = unwrap(olds) as unknown as Sequences;
  return [...open, ...(close ?? [])].some((knock) => avoid.includes(knock.port));
}

/** Secret knock sequences of one host, made once and kept in the engine's state, encrypted. */
export const sequence = lazy(async () => (await import('./sequence-making.ts')).sequenceMaking, {
  async check(olds, news) {
    if (hasUnknown(news) || unchanged(olds, news)) return { inputs: news };
    const [{ SequenceInputs }, { problemsOf }] = await Promise.all([
      import('./sequence-making.ts'),
      import('../posture/problem.ts'),
    ]);
    const parsed = SequenceInputs.safeParse(unwrap(news));
    return { inputs: news, failures: parsed.success ? [] : problemsOf(parsed.error) };
  },

  async diff(olds, news) {
    if (hasUnknown(news)) return { changes: true };
    // Inputs that were checked.
    const { avoid, ...wanted } = unwrap(news) as Bag & { avoid: number[] };
    const { avoid: _avoided, open: _open, close: _close, ...had } = unwrap(olds) as Bag;
    return { changes: !same(wanted, had) || collides(olds, avoid) };
  },
});
