import { output, unknown } from '@pulumi/pulumi/output.js';
import { expect, it } from 'vitest';
import { knownOf } from '../../components/known.ts';

it('is what is known, though of one part nothing is: a host whose first hardening failed', async () => {
  const all = knownOf([output('a'), output(unknown as unknown as string), output('c')]);
  expect(await new Promise((resolve) => all.apply(resolve))).toEqual(['a', 'c']);
});
