import type { Context } from './context.ts';
import type { ExitCode } from './exit.ts';

/** An option of a command. */
export interface Option {
  /** `flag`: there or not. `text`: takes a value. */
  readonly type: 'flag' | 'text';
  /** One character, for `-x`. */
  readonly short?: string;
  /** What the value is called in help; for `text`. */
  readonly value?: string;
  /** One sentence for help. */
  readonly summary: string;
}

/** A word that a command takes by its position. */
export interface Argument {
  readonly name: string;
  /** One sentence for help. */
  readonly summary: string;
}

/** A command line and what it is for. */
export interface Example {
  readonly command: string;
  readonly purpose: string;
}

/** What the operator wrote, checked against the command's own data. */
export interface ParsedArgs {
  /** The words, as many as the command has arguments. */
  readonly words: readonly string[];
  /** What followed `--`. */
  readonly rest: readonly string[];
  /** The value of a `text` option; undefined where it was not given. */
  text(option: string): string | undefined;
  /** Whether a `flag` option was given. */
  flag(option: string): boolean;
}

/** One command: help and docs/cli.md are made from the same data that the command line is checked against. */
export interface Command {
  /** One or two words, such as `lab list`. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What an operator has to know, in paragraphs. */
  readonly description: readonly string[];
  /** All are required. */
  readonly arguments: readonly Argument[];
  /** What may follow `--`; absent where nothing may. */
  readonly rest?: Argument;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly Example[];
  /** Where the exit status says something else than usual. */
  readonly exitNote?: string;
  /** @throws CommandError with a message for the operator; other errors are the program's own. */
  run(given: ParsedArgs, context: Context): Promise<ExitCode>;
}

/** `--stack`, the same for all commands that take it. */
export const stackOption: Option = {
  type: 'text',
  value: 'stack',
  short: 's',
  summary: 'The Pulumi stack. Without it: the selected stack, else the only one that fits.',
};

/** `--json`, the same for all commands that take it. */
export const jsonOption: Option = {
  type: 'flag',
  summary: 'Print JSON for a machine instead of text.',
};

/** `-4` and `-6`, the same for all commands that take them. */
export const familyOptions = {
  ipv4: { type: 'flag', short: '4', summary: 'Knock and connect over IPv4.' },
  ipv6: {
    type: 'flag',
    short: '6',
    summary: 'Knock and connect over IPv6. Without either: IPv4 where there is a way, else IPv6.',
  },
} as const satisfies Record<string, Option>;
