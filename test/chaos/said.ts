/** What a deployer says of the host at its end, in a word. */
export type Said =
  | 'sealed'
  | 'given back'
  | 'rolled back'
  | 'rolled back in part'
  | 'kept'
  | 'no answer'
  | 'in doubt'
  | 'untouched'
  | 'busy'
  | 'died'
  | 'nothing'
  | 'something else';

const WORDS: readonly (readonly [RegExp, Said])[] = [
  [/^the deployer (died|hung)/, 'died'],
  [/^sealed$/, 'sealed'],
  [/^given back$/, 'given back'],
  [/its answer did not arrive/, 'in doubt'],
  [/as far as it could/, 'rolled back in part'],
  [/rolled the change back|is as it was/, 'rolled back'],
  [/already committed the change|keeps (it|the change)/, 'kept'],
  [/goes on with that change/, 'busy'],
  [/did not answer|rolls (the change|it) back by itself/, 'no answer'],
  [/was not touched|nothing was written|was only looked at|is unchanged/, 'untouched'],
];

/** What an end's message means for the host; `nothing` where the deployer was killed before it said anything. */
export function saidOf(message: string | undefined): Said {
  if (message === undefined) return 'nothing';
  return WORDS.find(([words]) => words.test(message))?.[1] ?? 'something else';
}
