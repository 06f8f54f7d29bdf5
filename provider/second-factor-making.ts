import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { toBase32 } from '../remote/ssh/totp.ts';
import type { Rest } from './lazy.ts';
import { type Bag, secret, unwrap } from './values.ts';

/** Inputs of `SecondFactor`. */
const Inputs = z.strictObject({ host: z.string(), generation: z.int().min(0) });

/** 160 bits, as long as the digest (RFC 4226). */
function make(bag: Bag): Bag {
  return { ...Inputs.parse(unwrap(bag)), secret: secret(toBase32(randomBytes(20))) };
}

/** How shared secrets are made. */
export const secondFactorMaking: Rest = {
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
