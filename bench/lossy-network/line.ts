import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LabVps } from '../../lab/vps.ts';

/** What happens to packets on a bad line, in the way of netem. */
export interface LossyNetwork {
  /** Share of packets that are lost, 0–1; `double` and `overtake` alike. */
  readonly loss: number;
  readonly double: number;
  /** Share of packets that do not wait. */
  readonly overtake: number;
  /** Seconds that the others wait. */
  readonly delay: number;
  /** Decides which packets are met. */
  readonly seed: number;
}

/** 20 % doubled, 25 % overtaking, 5 % lost, at 30 ms. */
export const BAD_LINE: Omit<LossyNetwork, 'seed'> = { loss: 0.05, double: 0.2, overtake: 0.25, delay: 0.03 };

/**
 * Runs `use` while everything that this machine sends to a lab host over IPv4 goes through trouble, from an address of a
 * network for documentation (RFC 5737). The line ends with this process, however it ends.
 */
export async function withLossyNetwork<T>(
  vps: LabVps,
  { seed, loss, double, overtake, delay }: LossyNetwork,
  use: () => Promise<T>,
): Promise<T> {
  const [index] = /^10\.213\.(\d+)\./.exec(vps.address)?.slice(1) ?? [];
  const source = `198.51.100.${index}`;
  const argv = [`postern${index}`, vps.address, source, seed, loss, double, overtake, delay].map(String);
  const line = spawn('python3', [join(import.meta.dirname, 'lossy-network.py'), ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(line, 'exit');
  try {
    const { value } = await createInterface(line.stdout)[Symbol.asyncIterator]().next();
    if (value !== 'ready') throw new Error('the bad line did not come up');
    return await use();
  } finally {
    line.stdin.end();
    await ended;
  }
}
