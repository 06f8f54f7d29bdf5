import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { toBase32 } from '../../remote/ssh/totp.ts';
import type { LazyHandler } from '../resource/lazy.ts';
import { type PropertyMap, secret, unwrap } from '../resource/values.ts';

/** Inputs of `SecondFactor`. */
const Inputs = z.strictObject({ host: z.string(), generation: z.int().min(0) });

/** 160 bits, as long as the digest (RFC 4226). */
function make(properties: PropertyMap): PropertyMap {
  return { ...Inputs.parse(unwrap(properties)), secret: secret(toBase32(randomBytes(20))) };
}

/** How shared secrets are made. */
export const secondFactorHandler: LazyHandler = {
  async create(inputs) {
    return { id: Inputs.parse(unwrap(inputs)).host, outs: make(inputs) };
  },

  async read(id, props) {
    return { id, props };
  },

  async update(_olds, news) {
    return { outs: make(news) };
  },

  async delete() {},
};
