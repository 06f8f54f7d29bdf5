import type { Hop } from '../../remote/ssh/target.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import { connectSoon } from './connect-soon.ts';
import type { Transport } from './door.ts';

/** The passage through a jump host, or from this machine where that is undefined. Opens nothing yet. */
export async function transportBy(jump: Hop | undefined): Promise<Transport> {
  // Loaded when needed: ssh waits for `knock`, and most hosts have no jump host.
  if (jump !== undefined) return (await import('./jump-transport.ts')).jumpTransport(jump);
  return {
    vantage: localVantage(),
    tryDoor: connectSoon,
    tunnel: async () => undefined,
    close: async () => {},
  };
}

/** Passages of many hosts: those with the same jump host share one session with it. */
export class Transports {
  readonly #made = new Map<string, Promise<Transport>>();

  /** The passage to hosts behind this jump host, or without one. */
  by(jump: Hop | undefined): Promise<Transport> {
    const key = JSON.stringify(jump ?? null);
    const made = this.#made.get(key) ?? transportBy(jump);
    this.#made.set(key, made);
    return made;
  }

  /** Closes all. */
  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map(async (transport) => (await transport).close()));
  }
}
