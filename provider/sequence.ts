import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { generateSequences } from '../posture/knock/generate.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import { problemsOf } from '../posture/problem.ts';
import type { Handler } from './handler.ts';
import { type Bag, hasUnknown, same, secret, unwrap } from './values.ts';

/** Inputs of `Sequence`: how secret knock sequences are to be generated. */
export const SequenceInputs = z.strictObject({
  host: z.string(),
  knocks: z.int().min(3).max(32),
  closing: z.boolean(),
  generation: z.int().min(0),
  avoid: z.array(z.int()),
});

type SequenceInputs = z.infer<typeof SequenceInputs>;

function inputsOf(bag: Bag): SequenceInputs {
  return SequenceInputs.parse(unwrap(bag));
}

function state(inputs: SequenceInputs, { open, close }: Sequences): Bag {
  return { ...inputs, open: secret(open), close: secret(close) };
}

function generate(inputs: SequenceInputs): Bag {
  const { knocks, closing, avoid } = inputs;
  return state(
    inputs,
    generateSequences({ knocks, close: closing, avoid }, (below) => randomInt(below)),
  );
}

/** A port of the generated sequences has become one that the host serves. */
function collides(olds: Bag, avoid: readonly number[]): boolean {
  const { open, close } = unwrap(olds) as unknown as Sequences;
  return [...open, ...(close ?? [])].some((knock) => avoid.includes(knock.port));
}

/** Secret knock sequences of one host, made once and kept in the engine's state, encrypted. */
export const sequence: Handler = {
  async check(_olds, news) {
    if (hasUnknown(news)) return { inputs: news };
    const parsed = SequenceInputs.safeParse(unwrap(news));
    return { inputs: news, failures: parsed.success ? [] : problemsOf(parsed.error) };
  },

  async diff(olds, news) {
    if (hasUnknown(news)) return { changes: true };
    const { avoid, ...wanted } = inputsOf(news);
    const { avoid: _avoided, open: _open, close: _close, ...had } = unwrap(olds) as Bag;
    return { changes: !same(wanted, had) || collides(olds, avoid) };
  },

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
