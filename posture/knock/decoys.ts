import { GENERATED_PORTS, type RandomInt } from './generate.ts';
import { formatSequence, type Knock, type Protocol, type Sequence, type Sequences } from './sequence.ts';

/** Decoy ports in all; a scan of all ports has to meet the whole sequence with none of them in between. */
const DECOYS = 62;

/**
 * Ports that lie in wait for scanners: a packet to one of them ends what its sender had begun to knock. knockd sees no
 * packet but those to ports of its configuration, so without decoys a scan of every port in random order is a knock in
 * random order, and opens `k` ports once in k! times; with them, once in some hundred thousand.
 *
 * The neighbours of every knocked port are decoys, so that no sweep up or down gets further than one step; the others
 * lie anywhere. All of it follows from the sequences, so that the same input gives the same file.
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
  for (const { port, protocol } of knocks) {
    add(port - 1, protocol);
    add(port + 1, protocol);
  }
  const random = following(`${formatSequence(open)} ${close === null ? '' : formatSequence(close)}`);
  while (found.length < DECOYS) {
    const port = GENERATED_PORTS.lowest + random(GENERATED_PORTS.highest - GENERATED_PORTS.lowest + 1);
    add(port, found.length % 2 === 0 ? 'tcp' : 'udp');
  }
  return found;
}

/** Numbers that follow from a text: the same text, the same numbers (FNV-1a, then mulberry32). Nothing rests on them. */
function following(text: string): RandomInt {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
