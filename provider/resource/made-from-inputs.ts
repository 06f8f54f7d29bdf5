import type { Handler } from './handler.ts';
import { type LazyHandler, lazy } from './lazy.ts';
import { hasUnknown, type PropertyMap, same, unwrap } from './values.ts';

/**
 * The handler of what is made from its inputs, once, and made anew when one of them changes. The program writes the inputs
 * itself, so there is nothing to check.
 *
 * @param output the one property that the state has besides the inputs.
 */
export function madeFromInputs(load: () => Promise<LazyHandler>, output: string): Handler {
  return lazy(load, {
    async check(_olds, news) {
      return { inputs: news };
    },

    async diff(olds, news) {
      if (hasUnknown(news)) return { changes: true };
      const { [output]: _made, ...had } = unwrap(olds) as PropertyMap;
      return { changes: !same(had, unwrap(news)) };
    },
  });
}
