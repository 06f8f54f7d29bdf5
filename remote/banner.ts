import { Socket } from 'node:net';
import type { ProbeOptions } from './probe.ts';
import { sanitise } from './sanitise.ts';

/**
 * The first line an open TCP port says by itself, sanitised, at most 255 bytes: for an SSH server its version.
 * Undefined when nothing was said within the timeout or nothing is open. Servers may penalise a client for it.
 */
export function readBanner(options: ProbeOptions): Promise<string | undefined> {
  const { address, port, timeoutMilliseconds, sourceAddress } = options;
  return new Promise((resolve) => {
    const socket = new Socket();
    let said = Buffer.alloc(0);
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      const line = said.subarray(0, 255).toString('utf8').split('\n')[0] ?? '';
      resolve(sanitise(line) || undefined);
    };
    const timer = setTimeout(finish, timeoutMilliseconds);
    socket.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      if (said.length >= 255 || said.includes('\n')) finish();
    });
    socket.once('error', finish);
    socket.once('end', finish);
    socket.connect({
      host: address,
      port,
      ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
    });
  });
}
