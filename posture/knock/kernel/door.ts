import type { Posture } from '../../schema/posture.ts';
import type { Sequence, Sequences } from '../sequence.ts';

/** A sequence and what it does, as the kernel engine's rules have it. */
export interface KernelDoor {
  readonly name: 'open' | 'close';
  /** Secret. */
  readonly sequence: Sequence;
  /** Seconds within which all knocks have to arrive. */
  readonly seconds: number;
  /** Seconds for which the door then lets in; undefined: until the closing sequence, or a reboot. */
  readonly openSeconds: number | undefined;
}

/** The opening sequence and, where there is one, the closing one. */
export function doorsOf({ knock }: Posture, { open, close }: Sequences): KernelDoor[] {
  const seconds = knock.timeoutSeconds;
  const openSeconds = knock.door === 'timed' ? knock.openSeconds : undefined;
  const opening: KernelDoor = { name: 'open', sequence: open, seconds, openSeconds };
  return close === null ? [opening] : [opening, { name: 'close', sequence: close, seconds, openSeconds }];
}

/**
 * How the kernel's log says that an address is at a stage of a sequence; the address follows as `SRC=`. At most 29
 * characters, all that iptables takes. The words are those of knockd's door program (`postern-door`) and, for the
 * stages, shared by all engines (`postern-knock`).
 */
export function stageWords({ name, sequence, openSeconds }: KernelDoor, stage: number): string {
  if (stage < sequence.length)
    return `postern-knock ${name === 'open' ? 'stage' : 'close'} ${stage} of ${sequence.length}`;
  if (name === 'close') return 'postern-door: closed';
  return openSeconds === undefined ? 'postern-door: opened' : `postern-door: opened, ${openSeconds} s`;
}

/**
 * How many packets to ports that mean nothing an address may send while it knocks. None would make every stray packet of
 * the knocker's own machine, and every one that somebody sends in its name, an end of the attempt. Too many would let a
 * scan in random order through: it has to meet the whole sequence in its order with no more than these in between. With
 * three knocks that happens once in a million scans of the ports that sequences are made of, with more once in a hundred
 * million.
 */
export function strayBudget({ sequence }: Pick<KernelDoor, 'sequence'>): number {
  return sequence.length <= 3 ? 64 : 200;
}
