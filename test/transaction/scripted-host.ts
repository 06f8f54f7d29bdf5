import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { Channel } from '../../remote/ssh/channel.ts';
import { Pool } from '../../remote/ssh/pool.ts';
import { preamble } from '../../remote/ssh/program.ts';
import type { Session } from '../../remote/ssh/session.ts';

/** What a host answers to every program that it is given. */
export interface Answer {
  readonly stdout: string;
  readonly stderr?: string;
  readonly status?: number;
}

/** A session to a host that runs nothing and says what it is told to; everything on this side is real. */
export function hostSaying(answer: Answer): Session {
  const pool = new Pool(() => new Channel(child(answer)), 'root@192.0.2.1', new AbortController().signal);
  return {
    controlPath: '/nowhere',
    sudo: false,
    alive: true,
    offered: ['publickey'],
    run: (options) => pool.run(options),
    close: async () => pool.close(),
  };
}

/** An ssh process, as far as a channel needs one: frames come in, and each is answered. */
function child({ stdout, stderr = '', status = 0 }: Answer): ChildProcessWithoutNullStreams {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  let received = Buffer.alloc(0);
  let skip = preamble.length;
  streams.stdin.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < skip) return;
    received = received.subarray(skip);
    skip = 0;
    const [, marker = '', size = '', input = ''] =
      /^(\S+) (\d+) (\d+)\n/.exec(received.toString('latin1')) ?? [];
    if (marker === '') return;
    skip = received.indexOf('\n') + 1 + Number(size) + Number(input);
    streams.stdout.write(`${marker}\n${stdout}${marker} ${status}\n`);
    streams.stderr.write(`${marker}\n${stderr}${marker} ${status}\n`);
  });
  const process = { ...streams, unref: () => {}, kill: () => true };
  return Object.assign(new EventEmitter(), process) as unknown as ChildProcessWithoutNullStreams;
}
