import { lazy } from './lazy.ts';
import { type Bag, hasUnknown, same, unwrap } from './values.ts';

/**
 * The ways into a host that changes were to bring into force, newest first. A resource of its own, so that the engine has
 * written it to its state before `Hardening`, which depends on it, tells the host anything: a deployer that is killed in
 * the middle of a change leaves behind what the next one needs to come in.
 */
export const candidates = lazy(async () => (await import('./candidates-making.ts')).candidatesMaking, {
  async check(_olds, news) {
    return { inputs: news };
  },

  async diff(olds, news) {
    if (hasUnknown(news)) return { changes: true };
    const { known: _known, ...had } = unwrap(olds) as Bag;
    return { changes: !same(had, unwrap(news)) };
  },
});
