import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import { formatSequence, type Sequence } from '../../posture/knock/sequence.ts';

/** What disturbs knocks; noise.py says what each sends. */
export const NOISES = ['spoofed', 'first-port', 'last-port', 'stray', 'ra'] as const;

export interface Noise {
  readonly kind: (typeof NOISES)[number];
  /** Packets a second, on the average. */
  readonly rate: number;
  /** Decides the ports and prefixes. */
  readonly seed: number;
}

/**
 * Runs `use` while packets disturb the knocks that this machine sends to a lab host over IPv4: in its own name, as somebody
 * would who forges it, or from a router that is none. The noise ends with this process, however it ends, and after five
 * minutes.
 *
 * @param sequence the host's opening one, of which somebody knows a port. Secret.
 */
export async function withNoise<T>(
  vps: LabVps,
  { kind, rate, seed }: Noise,
  sequence: Sequence,
  use: () => Promise<T>,
): Promise<T> {
  const known = kind === 'first-port' ? sequence.slice(0, 1) : kind === 'last-port' ? sequence.slice(-1) : [];
  const [index] = /^10\.213\.(\d+)\./.exec(vps.address)?.slice(1) ?? [];
  const sent = known.length > 0 ? 'knock' : kind;
  const argv = [sent, rate, `postern${index}`, vps.gateway, vps.address, seed].map(String);
  const noise = spawn('python3', ['-B', join(import.meta.dirname, 'noise.py'), ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(noise, 'exit');
  try {
    // On standard input, because it is secret.
    if (known.length > 0) noise.stdin.write(`${formatSequence(known)}\n`);
    const { value } = await createInterface(noise.stdout)[Symbol.asyncIterator]().next();
    if (value !== 'ready') throw new Error('the noise did not begin');
    // What they bring is a while in coming.
    if (kind === 'ra') await sleep(5000);
    return await use();
  } finally {
    noise.stdin.end();
    await ended;
  }
}
