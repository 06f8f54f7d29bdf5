import { expect, it } from 'vitest';
import { exitMeanings } from '../../../cli/command-line/exit.ts';
import { everyCommand } from '../../../cli/commands.ts';
import { postern } from '../fixture.ts';

const commands = await everyCommand();

it.each([[], ['--help'], ['-h'], ['help']])('prints an overview with every command: %j', async (...argv) => {
  const { code, stdout, stderr } = await postern(...argv.flat());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const { name, summary } of commands) expect(stdout).toContain(`  ${name.padEnd(11)}  ${summary}`);
  for (const [status] of exitMeanings) expect(stdout).toMatch(new RegExp(`^ {2}${status}  `, 'm'));
  expect(stdout).toContain('Examples:');
});

it.each(commands)('explains $name with usage, every option, examples and exit status', async (command) => {
  const words = command.name.split(' ');
  const { code, stdout } = await postern(...words, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: postern ${command.name}`);
  for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
  expect(command.examples.length).toBeGreaterThan(0);
  for (const { command: example } of command.examples) expect(stdout).toContain(example);
  expect(stdout).toContain('Exit status:');
  expect(await postern('help', ...words)).toEqual({ code, stdout, stderr: '' });
});

it('fits into 100 columns', async () => {
  const texts = await Promise.all(commands.map(({ name }) => postern(...name.split(' '), '--help')));
  const lines = [await postern(), ...texts].flatMap(({ stdout }) => stdout.split('\n'));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

it('lists the commands of a group', async () => {
  const { code, stdout } = await postern('lab');
  expect(code).toBe(0);
  expect(stdout).toContain('lab console');
  expect(stdout).not.toContain('ssh-config');
});

it('does not take --help behind -- for its own', async () => {
  expect((await postern('ssh', '--', 'ls', '--help')).code).toBe(2);
});

it.each([
  [['stats'], 'no command "stats"'],
  [['lab', 'start'], 'no command "lab start"'],
  [['--json', 'status'], 'the command comes before --json'],
  [['toString'], 'no command "toString"'],
])('refuses %j with status 2 and says what there is', async (argv, why) => {
  const { code, stdout, stderr } = await postern(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(why);
});
