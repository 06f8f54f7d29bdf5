import { attempts, knockToOpen } from '../../cli/host/door.ts';
import { transportBy } from '../../cli/host/transport.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { closeDoor } from '../close-door.ts';
import { type LossyNetwork, withLossyNetwork } from './line.ts';
import { type Noise, withNoise } from './noise.ts';

/** Whose door is knocked at how often, and what is in the way: a bad line, or noise. */
export interface DisturbedOptions {
  readonly vps: LabVps;
  readonly job: Job;
  readonly knocks: number;
  /** Tries that each has; five by default. */
  readonly tries?: number;
  readonly disturbance: LossyNetwork | Noise;
  /** Told after each knock. */
  readonly onKnock?: (done: number) => void;
}

/** How it went. */
export interface DisturbedResult {
  /** For each knock that opened the door, after how many tries; a try is what `postern knock` does in one run. */
  readonly tries: readonly number[];
  /** For each, how often the sequence was sent in all. */
  readonly sendings: readonly number[];
  /** Knocks that did not in any try. */
  readonly failed: number;
}

/** Knocks at a lab host in spite of trouble; before each knock the door is shut. */
export async function knockThroughDisturbance(options: DisturbedOptions): Promise<DisturbedResult> {
  const { vps, job, knocks, tries: most = 5, disturbance, onKnock } = options;
  const door = { address: vps.address, port: job.posture.ssh.port };
  const tries: number[] = [];
  const sendings: number[] = [];
  const passage = await transportBy(undefined);
  await within(options, disturbance, async () => {
    for (let done = 1; done <= knocks; done++) {
      await closeDoor(vps);
      for (let attempt = 1; attempt <= most; attempt++) {
        const opened = await knockToOpen(door, job.sequences.open, passage);
        if (typeof opened === 'string') continue;
        opened.socket?.resetAndDestroy();
        tries.push(attempt);
        sendings.push((attempt - 1) * attempts + opened.knocks);
        break;
      }
      onKnock?.(done);
    }
  });
  return { tries, sendings, failed: knocks - tries.length };
}

function within<T>({ vps, job }: DisturbedOptions, disturbance: LossyNetwork | Noise, use: () => Promise<T>) {
  return 'kind' in disturbance
    ? withNoise(vps, disturbance, job.sequences.open, use)
    : withLossyNetwork(vps, disturbance, use);
}
