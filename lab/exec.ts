import { hostFolder, type VpsId } from './home.ts';
import { type ProgramInput, type ProgramResult, programPath, runProgram } from './program.ts';

/**
 * Runs a program inside a host as root, without SSH: it works whatever firewall and sshd do.
 *
 * @param argv the program and its arguments, as they are; no shell reads them
 * @returns how it ended; `code` is 125 if the host is down
 * @throws {LabError} if it does not end within `timeoutSeconds` (default 60)
 */
export function execVps(
  vps: VpsId,
  argv: readonly string[],
  input: ProgramInput = {},
): Promise<ProgramResult> {
  return runProgram(execArgv(vps, argv), { timeoutSeconds: 60, ...input });
}

/** The command line of an interactive root shell in a host: give it the terminal. */
export function consoleArgv(vps: VpsId): string[] {
  return execArgv(vps, ['bash', '--login']);
}

function execArgv(vps: VpsId, argv: readonly string[]): string[] {
  return ['sh', programPath('host/exec.sh'), hostFolder(vps), ...argv];
}
