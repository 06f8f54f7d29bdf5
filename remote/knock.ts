import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { isIP, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knock, Sequence } from '../posture/knock/sequence.ts';
import { RemoteError } from './error.ts';
import { packetsOf } from './spa.ts';

/** Where and what to knock. */
export interface KnockOptions {
  /** IPv4 or IPv6 literal; it decides the family the door opens for. */
  readonly address: string;
  /** The knocks, in order. Secret. */
  readonly sequence: Sequence;
  /** Milliseconds between two knocks; see {@link defaultGap}. */
  readonly gapMilliseconds?: number | undefined;
  /** Local address to knock from. Undefined: the kernel's choice. */
  readonly sourceAddress?: string | undefined;
}

/** Milliseconds between two knocks: enough for the network to keep their order. */
export const defaultGap = 20;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

// The system's message names the port, so only its code is passed on.
function localError(error: unknown): RemoteError {
  return new RemoteError(
    'local',
    'a knock could not leave this machine. Check the route to the host, the source address and the local firewall.',
    codeOf(error),
  );
}

/**
 * One bare SYN: the connection is begun and dropped at once, so that the kernel has nothing to send again. (A second
 * SYN of the same step makes knockd forget the attempt.) What the host answers is not waited for.
 */
function knockTcp({ port }: Knock, address: string, sourceAddress: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    let failure: Error | undefined;
    socket.once('error', (error) => {
      failure = error;
    });
    socket.once('close', () => (failure === undefined ? resolve() : reject(localError(failure))));
    socket.connect({
      host: address,
      port,
      ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
    });
    // With an IP literal the connect call is made in the next tick, so this comes right after it and before anything
    // from the network is looked at: an error that is seen at all comes from this machine.
    process.nextTick(() => socket.destroy());
  });
}

function knockUdp({ port, payload = '' }: Knock, address: string, socket: UdpSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(payload, port, address, (error) => (error === null ? resolve() : reject(localError(error))));
  });
}

function openUdp(address: string, sourceAddress: string | undefined): Promise<UdpSocket> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(localError(error));
    });
    socket.bind({ port: 0, ...(sourceAddress === undefined ? {} : { address: sourceAddress }) }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/**
 * Knocks: sends each packet of the sequence once, in order. Whether a door opened is for the caller to find out; a
 * packet may be lost on the way, and then the whole sequence has to be sent again.
 *
 * @throws RemoteError `local` when a packet could not leave this machine. No text names a port.
 */
export async function sendKnocks(options: KnockOptions): Promise<void> {
  const { address, sequence, gapMilliseconds = defaultGap, sourceAddress } = options;
  if (isIP(address) === 0) throw new TypeError('the address to knock at has to be an IP address');
  if (sourceAddress !== undefined && isIP(sourceAddress) !== isIP(address))
    throw new TypeError('the address to knock from has to be an IP address of the same family');
  const packets = await packetsOf(sequence);
  const udp = packets.some((knock) => knock.protocol === 'udp')
    ? await openUdp(address, sourceAddress)
    : undefined;
  try {
    for (const [index, knock] of packets.entries()) {
      if (index > 0 && gapMilliseconds > 0) await sleep(gapMilliseconds);
      if (udp !== undefined && knock.protocol === 'udp') await knockUdp(knock, address, udp);
      else await knockTcp(knock, address, sourceAddress);
    }
  } finally {
    udp?.close();
  }
}
