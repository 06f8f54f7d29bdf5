import { attempts, openDoor } from '../../cli/door.ts';
import { passageBy } from '../../cli/passage.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { shutDoor } from '../shut-door.ts';
import { type Trouble, withTrouble } from './line.ts';

/** Whose door is knocked at how often, over which line. */
export interface TroubledOptions {
  readonly vps: LabVps;
  readonly job: Job;
  readonly knocks: number;
  /** Tries that each has; five by default. */
  readonly tries?: number;
  readonly trouble: Trouble;
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

/** Knocks at a lab host over a bad line; before each knock the door is shut. */
export async function knockThroughTrouble(options: TroubledOptions): Promise<TroubledResult> {
  const { vps, job, knocks, tries: most = 5, trouble, onKnock } = options;
  const door = { address: vps.address, port: job.posture.ssh.port };
  const tries: number[] = [];
  const sendings: number[] = [];
  const passage = await passageBy(undefined);
  await withTrouble(vps, trouble, async () => {
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
