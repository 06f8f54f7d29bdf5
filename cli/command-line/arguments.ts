import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Command, ParsedArgs } from './command.ts';
import { usageError } from './exit.ts';

type Parsable = NonNullable<ParseArgsConfig['options']>;

/**
 * Checks what follows a command's name.
 *
 * @throws CommandError `usage` that says what is wrong and where help is.
 */
export function readArguments(command: Command, argv: readonly string[]): ParsedArgs {
  const end = argv.indexOf('--');
  const rest = end < 0 ? [] : argv.slice(end + 1);
  const { values, positionals } = parse(command, end < 0 ? argv : argv.slice(0, end));
  const wanted = command.arguments;
  const missing = wanted[positionals.length];
  if (missing !== undefined) throw wrong(command, `<${missing.name}> is missing`);
  const surplus = positionals[wanted.length];
  if (surplus !== undefined) {
    const hint = command.rest === undefined ? '' : `; put -- before the ${command.rest.name}`;
    throw wrong(command, `${quoted(surplus)} is one word too many${hint}`);
  }
  if (rest.length > 0 && command.rest === undefined) throw wrong(command, 'nothing may follow --');
  return {
    words: positionals,
    rest,
    text: (option) => textOf(values[option]),
    flag: (option) => values[option] === true,
  };
}

function parse(command: Command, argv: readonly string[]) {
  const options: Parsable = {};
  for (const [name, { type, short }] of Object.entries(command.options)) {
    options[name] = {
      type: type === 'flag' ? 'boolean' : 'string',
      ...(short === undefined ? {} : { short }),
    };
  }
  try {
    return parseArgs({ args: joined(command, argv), options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // parseArgs goes on to explain how a word that begins with a dash is given; the first sentence is enough.
    throw wrong(command, error.message.split(/[.\n] ?/)[0] ?? error.message);
  }
}

/** `--since -2h` as `--since=-2h`: a value that begins with a dash and a digit would be taken for options. */
function joined(command: Command, argv: readonly string[]): string[] {
  const words: string[] = [];
  for (const word of argv) {
    const before = words.at(-1) ?? '';
    const takesText = before.startsWith('--') && command.options[before.slice(2)]?.type === 'text';
    if (takesText && /^-\d+ ?[a-z]/.test(word)) words[words.length - 1] = `${before}=${word}`;
    else words.push(word);
  }
  return words;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wrong({ name }: Command, what: string) {
  return usageError(`${name}: ${what}. See: npx --no-install postern ${name} --help`);
}

/** A word as the operator typed it, fit for a message. */
function quoted(word: string): string {
  return JSON.stringify(word);
}
