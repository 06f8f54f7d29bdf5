import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { Bystander } from './bystander.ts';

/** Something that a bystander saw. */
export interface Sighting {
  readonly address: string;
  readonly port: number;
  readonly state: 'open' | 'refused';
  /** Seconds since the sampling began, first and last time. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Somebody who never knocks looks at some ports of a host, again and again, until `stop` resolves to what answered. */
export function sample(
  vps: LabVps,
  bystander: Bystander,
  ports: readonly number[],
): { stop: () => Promise<Sighting[]> } {
  const begin = performance.now();
  const seen = new Map<string, Sighting>();
  let running = true;
  const watch = async (address: string, sourceAddress: string, port: number) => {
    while (running) {
      const probe = { address, port, sourceAddress, timeoutMilliseconds: 300 };
      const state = await probeTcp(probe).then(
        (found) => found.state,
        () => 'silent' as const,
      );
      const last = (performance.now() - begin) / 1000;
      if (state === 'open' || state === 'refused') {
        const key = `${address} ${port} ${state}`;
        const { first = last, count = 0 } = seen.get(key) ?? {};
        seen.set(key, { address, port, state, first, last, count: count + 1 });
      }
      await sleep(100);
    }
  };
  const watches = Promise.all(
    [...new Set(ports)].flatMap((port) => [
      watch(vps.address, bystander.ipv4, port),
      watch(vps.addressV6, bystander.ipv6, port),
    ]),
  );
  return {
    stop: async () => {
      running = false;
      await watches;
      return [...seen.values()];
    },
  };
}
