import type { Knock, Protocol, Sequence, Sequences } from './sequence.ts';

/** Decoy ports in all; a scan of all ports has to meet the whole sequence with none of them in between. */
const DECOYS = 62;

/**
 * Ports that lie in wait for scanners: a packet to one of them ends what its sender had begun to knock. knockd sees no
 * packet but those to ports of its configuration, so without decoys a scan of every port in random order is a knock in
 * random order, and opens `k` ports once in k! times; with them, once in some hundred thousand.
 *
 * They are the nearest neighbours of the knocked ports, so that no sweep up or down gets further than one step, and so
 * that a firewall before the host that passes the knocks can pass them along with few rules: those that it drops end
 * nothing.
 *
 * @param avoid ports that are served: whoever uses a service must not disturb a knock.
 */
export function decoys({ open, close }: Sequences, avoid: readonly number[]): Sequence {
  const knocks = [...open, ...(close ?? [])];
  const taken = new Set([...avoid, ...knocks.map(({ port }) => port)]);
  const found: Knock[] = [];
  const add = (port: number, protocol: Protocol) => {
    if (taken.has(port) || port < 1 || port > 65_535 || found.length >= DECOYS) return;
    taken.add(port);
    found.push({ port, protocol });
  };
  for (let distance = 1; found.length < DECOYS && distance < 65_536; distance++) {
    for (const { port, protocol } of knocks) {
      add(port - distance, protocol);
      add(port + distance, protocol);
    }
  }
  return found;
}
