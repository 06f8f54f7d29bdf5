import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { HostDoor } from './door.ts';

const PROGRAM = join(import.meta.dirname, 'keep-door.ts');

/** Sees to it that a door is closed if this process ends before it has closed it. */
export interface DoorKeeper {
  /** The door is closed. */
  dismiss(): void;
}

/**
 * Starts a process that closes the door as soon as this one is gone, however it went: Ctrl-C and SIGKILL leave no hook the
 * time to. It has a session of its own, so that Ctrl-C does not reach it, learns the sequence on its stdin, and ends with
 * that: once it is dismissed, or the door is closed.
 */
export function keepDoor(door: HostDoor): DoorKeeper {
  const keeper = spawn(process.execPath, [PROGRAM], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Only ever a help: a task that can be run is, without it.
  keeper.on('error', () => {});
  keeper.stdin.on('error', () => {});
  keeper.stdin.write(`${JSON.stringify(door)}\n`);
  keeper.unref();
  if ('unref' in keeper.stdin && typeof keeper.stdin.unref === 'function') keeper.stdin.unref();
  return { dismiss: () => void keeper.stdin.end('closed\n') };
}
