import { Socket } from 'node:net';
import { RemoteError } from '../../remote/error.ts';
import { stateOf } from '../../remote/probe.ts';
import type { ClosedState, DoorAddress } from './door.ts';

/** Pause before the second connection is tried, in milliseconds; doubled each time. */
const firstPause = 20;

/**
 * Connects as soon as the door is open. One SYN that comes a moment too early would be repeated by the kernel only after
 * a second, so a new connection is tried every now and then, and the first that stands is taken.
 *
 * @returns the connection, or what was met instead of it last.
 * @throws RemoteError `local` when it could not leave this machine.
 */
export function connectSoon({ address, port }: DoorAddress, within: number): Promise<Socket | ClosedState> {
  const tries = new Set<Socket>();
  let met: ClosedState = 'silent';
  let pause = firstPause;
  return new Promise((resolve, reject) => {
    const finish = (taken?: Socket) => {
      clearTimeout(next);
      clearTimeout(end);
      for (const socket of tries) if (socket !== taken) socket.destroy();
    };
    const attempt = () => {
      const socket = new Socket({ allowHalfOpen: true });
      tries.add(socket);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const state = stateOf(error.code ?? '');
        if (state !== undefined) {
          met = state;
          return;
        }
        finish();
        reject(new RemoteError('local', 'a connection could not leave this machine.', error.code));
      });
      socket.once('connect', () => {
        finish(socket);
        // One that is reset before its taker listens says so by its state; without a listener it would end the program.
        socket.removeAllListeners('error');
        socket.on('error', () => {});
        resolve(socket);
      });
      socket.connect({ host: address, port });
      next = setTimeout(attempt, pause);
      pause *= 2;
    };
    const end = setTimeout(() => {
      finish();
      resolve(met);
    }, within);
    let next: NodeJS.Timeout | undefined;
    attempt();
  });
}
