import { describe, expect, it } from 'vitest';
import { time } from '../../bench/command.ts';
import { descendants } from '../../bench/processes.ts';
import { startTime } from '../../lab/process.ts';

const never = new AbortController().signal;
const sh = (script: string) => ({ argv: ['sh', '-c', script] });

describe('a timed run', () => {
  it('lasts until the last of its commands has ended, and has every line with its time', async () => {
    const commands = [sh('echo quick'), sh('sleep 0.3; echo slow; cat'), sh('echo wrong >&2')];
    const { milliseconds, lines } = await time(commands, { signal: never });
    expect(milliseconds).toBeGreaterThanOrEqual(300);
    expect(lines.map(({ text }) => text).sort()).toEqual(['quick', 'slow', 'wrong']);
    expect(lines.find(({ text }) => text === 'slow')?.at).toBeGreaterThanOrEqual(300);
  });

  it('that fails says so with the end of its output', async () => {
    await expect(time([sh('echo what was seen; exit 3')], { signal: never })).rejects.toThrow(
      /sh failed \(3\):\n {2}\| what was seen/,
    );
  });

  it('that is stopped leaves nothing running that it started', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const run = time([sh('sleep 60 & sleep 60 & wait')], {
      signal: stop.signal,
      onStart: (pid) => {
        setTimeout(() => {
          seen.push(...descendants(pid));
          stop.abort(new Error('stopped'));
        }, 300);
      },
    });
    await expect(run).rejects.toThrow('stopped');
    expect(seen).toHaveLength(3);
    // A zombie, which only its new parent can lay to rest, has no start time.
    expect(await Promise.all(seen.map(startTime))).toEqual([undefined, undefined, undefined]);
  });
});
