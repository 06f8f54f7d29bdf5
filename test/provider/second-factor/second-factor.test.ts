import { expect, it } from 'vitest';
import { TOTP_SECRET } from '../../../posture/sshd/second-factor.ts';
import { type PropertyMap, secret, unwrap } from '../../../provider/resource/values.ts';
import { secondFactor } from '../../../provider/second-factor/second-factor.ts';
import { operation } from '../inputs.ts';

const inputs = { host: 'node-1', generation: 0 };

it('makes a secret, wrapped as one, that authenticator apps and the host take', async () => {
  const { id, outs } = await secondFactor.create(inputs, operation);
  const { secret: made } = unwrap(outs) as { secret: string };
  expect(id).toBe('node-1');
  expect(made).toMatch(TOTP_SECRET);
  expect((outs as PropertyMap)['secret']).toEqual(secret(made));
  const other = await secondFactor.create(inputs, operation);
  expect(unwrap(other.outs)).not.toEqual(unwrap(outs));
});

it('keeps it until another generation is asked for', async () => {
  const { outs } = await secondFactor.create(inputs, operation);
  expect((await secondFactor.diff(outs as PropertyMap, inputs)).changes).toBe(false);
  expect((await secondFactor.diff(outs as PropertyMap, { ...inputs, generation: 1 })).changes).toBe(true);
  const renewed = await secondFactor.update(outs as PropertyMap, { ...inputs, generation: 1 }, operation);
  expect(unwrap(renewed.outs)).not.toMatchObject({ secret: (unwrap(outs) as PropertyMap)['secret'] });
});
