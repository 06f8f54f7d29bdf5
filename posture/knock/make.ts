import type { SingleOptions } from './engines.ts';
import { type GenerateOptions, generateSequences, type RandomInt } from './generate.ts';
import type { Sequences } from './sequence.ts';
import { generateSpa } from './spa.ts';

/** What has to be made for a host. */
export interface MakeOptions extends GenerateOptions {
  /** Keys for single packets instead of ports in order; their UDP port, where it is not left to chance. */
  readonly spa?: SingleOptions | undefined;
}

/** New secret sequences of the kind that a host's engine takes. */
export function makeSequences({ spa, ...options }: MakeOptions, random: RandomInt): Sequences {
  return spa === undefined
    ? generateSequences(options, random)
    : generateSpa({ port: spa.port, close: options.close, avoid: options.avoid }, random);
}
