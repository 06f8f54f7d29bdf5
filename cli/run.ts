import { LabError } from '../lab/error.ts';
import { RemoteError } from '../remote/error.ts';
import { readArguments } from './command-line/arguments.ts';
import type { Context } from './command-line/context.ts';
import { CommandError, type ExitCode, exitCode, usageError } from './command-line/exit.ts';
import { helpOf, overview } from './command-line/help.ts';
import { commands, everyCommand } from './commands.ts';

/**
 * Runs a command line.
 *
 * @param argv the words after `postern`.
 * @returns the exit status; errors for the operator were printed. Errors of the program itself are thrown.
 */
export async function run(argv: readonly string[], context: Context): Promise<ExitCode> {
  try {
    return await dispatch(argv, context);
  } catch (error) {
    if (!isForOperator(error)) throw error;
    context.stderr.write(`postern: ${error.message}\n`);
    return error instanceof CommandError ? error.code : exitCode.failed;
  }
}

function isForOperator(error: unknown): error is Error {
  return error instanceof CommandError || error instanceof RemoteError || error instanceof LabError;
}

async function dispatch(argv: readonly string[], context: Context): Promise<ExitCode> {
  if (argv[0] === 'help') return dispatch([...argv.slice(1), '--help'], context);
  const end = argv.indexOf('--');
  const help = (end < 0 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
  const name = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((each) => Object.hasOwn(commands, each));
  if (name === undefined) return withoutCommand(argv, help, context);

  const command = await commands[name]?.();
  if (command === undefined) throw usageError(`there is no command ${name}`);
  if (help) {
    context.stdout.write(helpOf(command));
    return exitCode.ok;
  }
  return command.run(readArguments(command, argv.slice(name.split(' ').length)), context);
}

async function withoutCommand(argv: readonly string[], help: boolean, context: Context): Promise<ExitCode> {
  const [first, second] = argv;
  const group = Object.keys(commands).some((name) => name.startsWith(`${first} `)) ? first : undefined;
  const alone = second === undefined || second.startsWith('-');
  if (first === undefined || (help && first.startsWith('-')) || (group !== undefined && alone)) {
    context.stdout.write(overview(await everyCommand(), group));
    return exitCode.ok;
  }
  if (first.startsWith('-'))
    throw usageError(`the command comes before ${first}: postern <command> [options]`);
  const asked = group === undefined ? first : `${first} ${second}`;
  throw usageError(
    `there is no command ${JSON.stringify(asked)}. There are: ${Object.keys(commands).join(', ')}`,
  );
}
