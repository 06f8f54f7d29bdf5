import { expect, it } from 'vitest';
import { readArguments } from '../../../cli/command-line/arguments.ts';
import type { Command } from '../../../cli/command-line/command.ts';
import { CommandError, exitCode } from '../../../cli/command-line/exit.ts';

const command: Command = {
  name: 'try',
  summary: '',
  description: [],
  arguments: [{ name: 'host', summary: '' }],
  rest: { name: 'command', summary: '' },
  options: {
    loud: { type: 'flag', short: 'l', summary: '' },
    stack: { type: 'text', short: 's', value: 'stack', summary: '' },
  },
  examples: [],
  run: async () => exitCode.ok,
};

const { rest: _rest, ...withoutRest } = command;

it('takes words and options in any order, and leaves what follows -- alone', () => {
  const given = readArguments(command, ['-l', 'web', '--stack', 'devnet', '--', 'ls', '--loud', '--', '-s']);
  expect(given.words).toEqual(['web']);
  expect(given.rest).toEqual(['ls', '--loud', '--', '-s']);
  expect(given.flag('loud')).toBe(true);
  expect(given.text('stack')).toBe('devnet');
});

it('tells an option that was not given from one that was', () => {
  const given = readArguments(command, ['web']);
  expect(given.flag('loud')).toBe(false);
  expect(given.text('stack')).toBeUndefined();
  expect(given.rest).toEqual([]);
});

it.each([
  [command, [], '<host> is missing'],
  [command, ['web', 'uptime'], '"uptime" is one word too many; put -- before the command'],
  [withoutRest, ['web', 'more'], '"more" is one word too many'],
  [withoutRest, ['web', '--', 'ls'], 'nothing may follow --'],
  [command, ['web', '--quiet'], "Unknown option '--quiet'"],
  [command, ['web', '--stack'], 'argument missing'],
  [command, ['web', '--loud=yes'], 'does not take an argument'],
])('refuses %# and says why and where help is', (which, argv, why) => {
  let refused: unknown;
  try {
    readArguments(which, argv);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(CommandError);
  expect(refused).toMatchObject({ code: exitCode.usage, message: expect.stringContaining(why) });
  expect(refused).toMatchObject({ message: expect.stringContaining('postern try --help') });
});

it('takes a value that begins with a dash and a number, and no option for one', () => {
  expect(readArguments(command, ['one', '--stack', '-2h']).text('stack')).toBe('-2h');
  expect(() => readArguments(command, ['one', '--stack', '-4'])).toThrow('--stack');
});
