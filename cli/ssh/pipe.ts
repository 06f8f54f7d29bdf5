import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';

/** Both ends of a connection's local side. */
export interface Stdio {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Standard input and output as bytes. Pipes and sockets, which is what ssh gives, are written without blocking and
 * closed when they end: `process.stdout` does neither.
 */
export function binaryStdio(): Stdio {
  const output = pipeOutput() ?? process.stdout;
  // Nothing below closes a standard descriptor: neither Node.js nor libuv, whose handle has to be gone before it may be
  // closed by hand. Left open, whoever reads it would wait for ever for what still comes.
  output.once('finish', () => output.destroy());
  output.once('close', closeStdout);
  return { input: process.stdin, output };
}

function pipeOutput(): Writable | undefined {
  try {
    return new Socket({ fd: 1, readable: false, writable: true });
  } catch {
    return undefined;
  }
}

function closeStdout(): void {
  try {
    closeSync(1);
  } catch {
    // Closed already.
  }
}

/**
 * Carries bytes both ways until both ends are done. The end of one direction is passed on and leaves the other open
 * (half-close); a connection that is gone altogether ends both.
 *
 * @returns whether the connection ended in order: false when it was reset.
 */
export async function carry(socket: Socket, { input, output }: Stdio): Promise<boolean> {
  const gone = finished(socket).then(
    () => true,
    () => false,
  );
  // With nobody left to write to, what still comes in is of no use.
  const down = pipeline(socket, output).catch(() => socket.destroy());
  const up = pipeline(input, socket).catch(() => {});
  const inOrder = await gone;
  input.destroy();
  await Promise.all([up, down]);
  return inOrder;
}
