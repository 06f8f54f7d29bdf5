import { lazy } from './lazy.ts';
import { type Bag, hasUnknown, same, unwrap } from './values.ts';

/** The secret that a host and its administrator's authenticator app share; made once, kept encrypted in the state. */
export const secondFactor = lazy(async () => (await import('./second-factor-making.ts')).secondFactorMaking, {
  async check(_olds, news) {
    return { inputs: news };
  },

  async diff(olds, news) {
    if (hasUnknown(news)) return { changes: true };
    const { secret: _secret, ...had } = unwrap(olds) as Bag;
    return { changes: !same(had, unwrap(news)) };
  },
});
