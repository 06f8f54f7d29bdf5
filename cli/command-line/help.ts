import type { Command, Example, Option } from './command.ts';
import { exitMeanings } from './exit.ts';
import { wrap } from './table.ts';

const width = 100;

/** What stands at the head of the help and of docs/cli.md. */
export const purpose =
  'Postern’s command line: the fleet from outside, and the way in through its hidden doors.';

/** Examples for the whole. */
export const overviewExamples: readonly Example[] = [
  { command: 'npx --no-install postern status', purpose: 'what is reachable, now and after a knock' },
  { command: 'npx --no-install postern ssh devnet-1', purpose: 'knock and log in' },
  {
    command: 'npx --no-install postern ssh-config --write',
    purpose: 'let plain ssh and scp knock by themselves',
  },
];

/** `postern knock <host> [options]`. */
export function usageOf(command: Command): string {
  const words = command.arguments.map(({ name }) => ` <${name}>`).join('');
  const options = Object.keys(command.options).length > 0 ? ' [options]' : '';
  const rest = command.rest === undefined ? '' : ` [-- ${command.rest.name}…]`;
  return `postern ${command.name}${words}${options}${rest}`;
}

/** `-s, --stack <stack>`. */
export function optionUsage(name: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`;
}

/** The help for the whole, or for the commands that begin with `group`. */
export function overview(commands: readonly Command[], group?: string): string {
  const shown = commands.filter(({ name }) => group === undefined || name.startsWith(`${group} `));
  return [
    group === undefined ? `${purpose}\n` : '',
    `Usage: postern ${group ?? ''}${group === undefined ? '' : ' '}<command> [options]\n`,
    section(
      'Commands',
      shown.map((command) => [command.name, command.summary]),
    ),
    group === undefined ? section('Examples', exampleLines(overviewExamples)) : '',
    group === undefined ? section('Exit status', exitLines()) : '',
    'Each command explains itself: postern <command> --help\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The help for one command. */
export function helpOf(command: Command): string {
  const { description, rest, options, examples, exitNote } = command;
  const words = [
    ...command.arguments.map(({ name, summary }): [string, string] => [`<${name}>`, summary]),
    ...(rest === undefined ? [] : [[rest.name, rest.summary] as [string, string]]),
  ];
  const flags = Object.entries({ ...options, help: helpOption }).map(([name, option]): [string, string] => [
    optionUsage(name, option),
    option.summary,
  ]);
  return [
    `Usage: ${usageOf(command)}\n`,
    ...description.map((paragraph) => `${wrap(paragraph, width).join('\n')}\n`),
    words.length === 0 ? '' : section('Arguments', words),
    section('Options', flags),
    section('Examples', exampleLines(examples)),
    section('Exit status', exitLines()),
    exitNote === undefined ? '' : `${wrap(exitNote, width).join('\n')}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const helpOption: Option = { type: 'flag', short: 'h', summary: 'Print this.' };

function exampleLines(examples: readonly Example[]): [string, string][] {
  return examples.map(({ command, purpose: what }) => [command, what]);
}

function exitLines(): [string, string][] {
  return exitMeanings.map(([code, meaning]) => [String(code), meaning]);
}

function section(title: string, lines: readonly (readonly [string, string])[]): string {
  const column = Math.max(...lines.map(([left]) => left.length));
  const body = lines.flatMap(([left, right]) =>
    wrap(right, Math.max(30, width - column - 4)).map((line, index) =>
      `  ${(index === 0 ? left : '').padEnd(column)}  ${line}`.trimEnd(),
    ),
  );
  return `${title}:\n${body.join('\n')}\n`;
}
