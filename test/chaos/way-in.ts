import { setTimeout as sleep } from 'node:timers/promises';
import { expectSuccess } from '../../remote/ssh/result.ts';
import { withVantage } from '../../remote/vantage/choose.ts';
import { logIn } from '../../transaction/connect.ts';
import type { Job } from '../../transaction/job.ts';
import { type WayName, waysOf } from './jobs.ts';

/**
 * Tries the owner's ways in until one leads to root, with the host key pinned; undefined if none does in time.
 *
 * @param due the one that should, which is tried first: a door that is still open lets in whoever knocks wrongly, too.
 */
export async function wayIn(job: Job, seconds: number, due?: WayName): Promise<WayName | undefined> {
  const end = performance.now() + seconds * 1000;
  const ways = waysOf(job).toSorted(([a], [b]) => Number(b === due) - Number(a === due));
  do {
    for (const [name, approach] of ways) {
      const found = await withVantage(undefined, async (vantage) => {
        const { session } = await logIn([approach], vantage, () => {});
        try {
          expectSuccess(await session.run({ argv: ['id', '-u'], timeoutSeconds: 20 }), 'be root');
          return name;
        } finally {
          await session.close();
        }
      }).catch(() => undefined);
      if (found !== undefined) return found;
    }
    await sleep(1000);
  } while (performance.now() < end);
  return undefined;
}
