import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { RemoteError } from '../../remote/error.ts';
import { type ProbeOptions, stateOf } from '../../remote/probe.ts';

/**
 * What a datagram met: `answered`; `refused`, ICMP port unreachable; `unreachable`, another ICMP error or no route;
 * `silent`, nothing, which for UDP means dropped or received without an answer. Hosts send about one ICMP error a
 * second, so of many probes at once some look silent.
 */
export type UdpState = 'answered' | 'refused' | 'silent' | 'unreachable';

/**
 * Probes a UDP port with one datagram, empty unless `payload` is given.
 *
 * @throws RemoteError `local` when this machine could not send.
 */
export function probeUdp(
  options: ProbeOptions & { readonly payload?: Uint8Array | undefined },
): Promise<UdpState> {
  const { address, port, timeoutMilliseconds, sourceAddress } = options;
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
    };
    const finish = (state: UdpState) => {
      done();
      resolve(state);
    };
    const fail = ({ code = '' }: NodeJS.ErrnoException) => {
      const state = stateOf(code);
      if (state !== undefined) return finish(state);
      done();
      reject(
        new RemoteError('local', 'a probe could not leave this machine. Check the source address.', code),
      );
    };
    const timer = setTimeout(() => finish('silent'), timeoutMilliseconds);
    socket.once('error', fail);
    socket.once('message', () => finish('answered'));
    socket.bind({ port: 0, ...(sourceAddress === undefined ? {} : { address: sourceAddress }) }, () => {
      // Connected, so that the kernel hands the ICMP errors to this socket.
      socket.connect(port, address, () => {
        socket.send(options.payload ?? new Uint8Array(0), (error) => error !== null && fail(error));
      });
    });
  });
}
