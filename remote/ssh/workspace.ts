import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const guardProgram = fileURLToPath(new URL('./guard.sh', import.meta.url));
// A control socket's path, with the 17 characters ssh appends while binding it, has to fit into sun_path (104 on macOS).
const longestDirectory = 104 - 17 - '/postern-XXXXXX/control'.length;

/** A directory of our own and the processes that belong to it, gone together. */
export interface Workspace {
  /** Path of the directory, mode 0700, short enough for a socket in it. */
  readonly directory: string;
  /** Makes a child process end with the workspace, even when this process is killed. */
  track(child: ChildProcess): void;
  /** Ends the processes, waits for them and removes the directory. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** Resolves when the child has exited or could not be started. */
function gone(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  const harder = setTimeout(() => child.kill('SIGKILL'), 500);
  await gone(child);
  clearTimeout(harder);
}

/** Opens a workspace. A guard process removes what is left should this process be killed. */
export function openWorkspace(): Workspace {
  const temporary = tmpdir().length <= longestDirectory ? tmpdir() : '/tmp';
  const directory = mkdtempSync(join(temporary, 'postern-'));
  const children = new Set<ChildProcess>();
  // Detached: a Ctrl-C at the terminal is for us to act on, over connections that still work.
  const guard = spawn('/bin/sh', [guardProgram, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  const announce = () => {
    guard.stdin.write(`${[...children].flatMap((child) => child.pid ?? []).join(' ')}\n`);
  };

  let closing: Promise<void> | undefined;
  return {
    directory,
    track(child) {
      if (child.pid === undefined) return;
      if (closing !== undefined) child.kill('SIGKILL');
      children.add(child);
      child.once('exit', () => {
        children.delete(child);
        if (closing === undefined) announce();
      });
      if (closing === undefined) announce();
    },
    close() {
      closing ??= (async () => {
        await Promise.all([...children].map(end));
        guard.stdin.end('\n');
        guard.ref();
        await gone(guard);
        rmSync(directory, { recursive: true, force: true });
      })();
      return closing;
    },
  };
}
