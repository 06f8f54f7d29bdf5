import { Socket } from 'node:net';
import { RemoteError } from './error.ts';

/** What is probed. */
export interface ProbeOptions {
  /** IPv4 or IPv6 literal. */
  readonly address: string;
  /** Port, 1–65535. */
  readonly port: number;
  /** Milliseconds to wait before calling the port silent; see {@link silenceTimeout}. */
  readonly timeoutMilliseconds: number;
  /** Local address to probe from. Undefined: the kernel's choice. */
  readonly sourceAddress?: string | undefined;
}

/**
 * What a new TCP connection met: `open`, a handshake; `refused`, a reset (something is there, and says so); `silent`,
 * nothing; `unreachable`, an ICMP error or no route.
 */
export type TcpState = 'open' | 'refused' | 'silent' | 'unreachable';

/** One probe's finding. */
export interface TcpProbe {
  readonly state: TcpState;
  /** Milliseconds until the answer; undefined when there was none. */
  readonly rttMilliseconds: number | undefined;
}

/** The state that an error of a connection stands for; undefined: this machine's own fault. */
export function stateOf(code: string): 'refused' | 'silent' | 'unreachable' | undefined {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'refused';
  if (code === 'ETIMEDOUT') return 'silent';
  // EACCES: ICMPv6 "administratively prohibited"; EINVAL: a blackhole route.
  const unreachable = [
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
    'ENONET',
    'ENOPROTOOPT',
    'EACCES',
    'EINVAL',
  ];
  return unreachable.includes(code) ? 'unreachable' : undefined;
}

/**
 * Probes a TCP port with a new connection, which is dropped as soon as it stands.
 *
 * @throws RemoteError `local` when this machine could not send.
 */
export function probeTcp(options: ProbeOptions): Promise<TcpProbe> {
  const { address, port, timeoutMilliseconds, sourceAddress } = options;
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const begin = performance.now();
    const finish = (state: TcpState, answered: boolean) => {
      clearTimeout(timer);
      // A reset of a socket that is still connecting waits for the connection, and repeats its SYN until then.
      if (state === 'open') socket.resetAndDestroy();
      else socket.destroy();
      resolve({ state, rttMilliseconds: answered ? performance.now() - begin : undefined });
    };
    // Where this process itself was held up, the answer may be there already, and Node.js looks at its timers first.
    const timer = setTimeout(() => setImmediate(() => finish('silent', false)), timeoutMilliseconds);
    socket.once('connect', () => finish('open', true));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const state = stateOf(error.code ?? '');
      if (state !== undefined) return finish(state, state !== 'silent');
      clearTimeout(timer);
      reject(
        new RemoteError(
          'local',
          'a probe could not leave this machine. Check the source address.',
          error.code,
        ),
      );
    });
    socket.connect({
      host: address,
      port,
      ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
    });
  });
}

/**
 * Milliseconds after which silence is believed: ten round trips, at least 250 ms, at most 2 s. The upper bound also
 * holds where no round trip was ever measured.
 *
 * @param least another lower bound, for a port that has just answered in a round trip.
 */
export function silenceTimeout(rttMilliseconds: number | undefined, least = 250): number {
  if (rttMilliseconds === undefined || Number.isNaN(rttMilliseconds)) return 2000;
  return Math.min(2000, Math.max(least, 10 * rttMilliseconds));
}

/** Makes many probes at once; the findings stand in the order of `targets`. */
export function probeMany<Target, Finding>(
  targets: readonly Target[],
  probe: (target: Target) => Promise<Finding>,
): Promise<Finding[]> {
  return Promise.all(targets.map(probe));
}
