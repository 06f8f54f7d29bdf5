import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { makeSequences } from '../../posture/knock/make.ts';
import type { Sequences } from '../../posture/knock/sequence.ts';
import type { LazyHandler } from '../resource/lazy.ts';
import { type PropertyMap, secret, unwrap } from '../resource/values.ts';

/** Inputs of `Sequence`: how secret knock sequences are to be generated. */
export const SequenceInputs = z.strictObject({
  host: z.string(),
  knocks: z.int().min(3).max(32),
  closing: z.boolean(),
  generation: z.int().min(0),
  avoid: z.array(z.int()),
  /** Keys for single packets (fwknop) instead of sequences; the UDP port, where it is not left to chance. */
  spa: z.strictObject({ port: z.int().optional() }).optional(),
});

type SequenceInputs = z.infer<typeof SequenceInputs>;

function inputsOf(properties: PropertyMap): SequenceInputs {
  return SequenceInputs.parse(unwrap(properties));
}

function state(inputs: SequenceInputs, { open, close }: Sequences): PropertyMap {
  return { ...inputs, open: secret(open), close: secret(close) };
}

function generate(inputs: SequenceInputs): PropertyMap {
  const { knocks, closing: close, avoid, spa } = inputs;
  return state(
    inputs,
    makeSequences({ knocks, close, avoid, spa }, (below) => randomInt(below)),
  );
}

/** How sequences are made. */
export const sequenceHandler: LazyHandler = {
  async create(inputs) {
    return { id: inputsOf(inputs).host, outs: generate(inputsOf(inputs)) };
  },

  async read(id, props) {
    return { id, props };
  },

  async update(_olds, news) {
    return { outs: generate(inputsOf(news)) };
  },

  async delete() {},
};
