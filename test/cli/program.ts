import { spawn } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Ended, Project } from './fixture.ts';

const root = join(import.meta.dirname, '../..');

/** What a process is given. */
export interface Start {
  readonly stdin?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end. */
export async function execute(
  argv: readonly string[],
  { stdin = '', env = process.env }: Start = {},
): Promise<Ended> {
  const [program = '', ...words] = argv;
  const child = spawn(program, words, { stdio: 'pipe', env });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const code = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 128));
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** Puts the program itself into a test's project, where it finds that project's engine and files. Returns its path. */
export function installProgram({ folder }: Project): string {
  cpSync(join(root, 'cli'), join(folder, 'cli'), { recursive: true });
  const shared = [
    'components',
    'lab',
    'posture',
    'remote',
    'transaction',
    'package.json',
    'node_modules/zod',
  ];
  for (const name of shared) symlinkSync(join(root, name), join(folder, name));
  symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'));
  return join(folder, 'cli/postern');
}
