import { attempts, openDoor } from '../../cli/door.ts';
import { passageBy } from '../../cli/passage.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { shutDoor } from '../shut-door.ts';
import { type Trouble, withTrouble } from './line.ts';
import { type Noise, withNoise } from './noise.ts';

/** Whose door is knocked at how often, and what is in the way: a bad line, or noise. */
export interface TroubledOptions {
  readonly vps: LabVps;
  readonly job: Job;
  readonly knocks: number;
  /** Tries that each has; five by default. */
  readonly tries?: number;
  readonly trouble: Trouble | Noise;
  /** Told after each knock. */
  readonly onKnock?: (done: number) => void;
}

/** How it went. */
export interface TroubledResult {
  /** For each knock that opened the door, after how many tries; a try is what `postern knock` does in one run. */
  readonly tries: readonly number[];
  /** For each, how often the sequence was sent in all. */
  readonly sendings: readonly number[];
  /** Knocks that did not in any try. */
  readonly failed: number;
}

/** Knocks at a lab host in spite of trouble; before each knock the door is shut. */
export async function knockThroughTrouble(options: TroubledOptions): Promise<TroubledResult> {
  const { vps, job, knocks, tries: most = 5, trouble, onKnock } = options;
  const door = { address: vps.address, port: job.posture.ssh.port };
  const tries: number[] = [];
  const sendings: number[] = [];
  const passage = await passageBy(undefined);
  await within(options, trouble, async () => {
    for (let done = 1; done <= knocks; done++) {
      await shutDoor(vps);
      for (let attempt = 1; attempt <= most; attempt++) {
        const opened = await openDoor(door, job.sequences.open, passage);
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

function within<T>({ vps, job }: TroubledOptions, trouble: Trouble | Noise, use: () => Promise<T>) {
  return 'kind' in trouble
    ? withNoise(vps, trouble, job.sequences.open, use)
    : withTrouble(vps, trouble, use);
}
