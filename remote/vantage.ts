import type { Sequence } from '../posture/knock/sequence.ts';
import type { Family } from './address.ts';
import type { PingState } from './ping.ts';
import type { TcpProbe } from './probe.ts';

/**
 * Where a host is looked at from. A door opens for the address that knocked, so knocks and probes have to leave from
 * where the logins come from: this machine, or the jump host.
 */
export interface Vantage {
  /** In words, for messages: "this machine". */
  readonly name: string;
  /** Why nothing can be knocked at or probed from there, and what to do about it; undefined when it can. */
  problem(): Promise<string | undefined>;
  /**
   * The first address of `host` in a family, as it is known there; a literal is returned as it is.
   *
   * @throws RemoteError `unresolved`.
   */
  resolve(host: string, family: Family): Promise<string>;
  /**
   * Sends each packet of a sequence once, in order, to an IP literal.
   *
   * @param gapMilliseconds between two packets; a jump host takes its own, and leaves out bursts (`isBurst`).
   * @throws RemoteError `local` when a packet could not leave. No text names a port.
   */
  knock(address: string, sequence: Sequence, gapMilliseconds?: number): Promise<void>;
  /**
   * Probes a TCP port of an IP literal with a new connection, which is dropped as soon as it stands.
   *
   * @throws RemoteError `local` when it could not be sent.
   */
  probeTcp(address: string, port: number, timeoutMilliseconds: number): Promise<TcpProbe>;
  /** Sends one echo request to an IP literal and waits a second; `unknown` where there is no usable `ping`. */
  ping(address: string): Promise<PingState>;
  /** The address that packets to `address` leave with; undefined without a route there. Sends nothing to it. */
  localAddressFor(address: string): Promise<string | undefined>;
  /** Lets go of what was opened for it. Idempotent; never rejects. */
  close(): Promise<void>;
}
