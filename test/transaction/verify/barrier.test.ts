import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Barrier } from '../../../transaction/verify/barrier.ts';

/** A meeting of two, and what its step was taken for. */
function ofTwo() {
  const taken: string[] = [];
  const meeting = new Barrier<number, string>(2);
  const take = (member: number) =>
    meeting.take(member, async (members) => {
      taken.push(members.join('+'));
      return `for ${members.join('+')}`;
    });
  return { meeting, taken, take };
}

describe('a meeting', () => {
  it('takes the step once, when the last has come', async () => {
    const { taken, take } = ofTwo();
    const first = take(4);
    await sleep(20);
    expect(taken).toEqual([]);
    expect(await Promise.all([first, take(6)])).toEqual(['for 4+6', 'for 4+6']);
    expect(taken).toEqual(['4+6']);
  });

  it('does not wait for who left, before or after', async () => {
    const before = ofTwo();
    before.meeting.leave();
    expect(await before.take(6)).toBe('for 6');
    const after = ofTwo();
    const waiting = after.take(4);
    after.meeting.leave();
    expect(await waiting).toBe('for 4');
  });

  it('waits for a second, and has who comes later go alone at once', async () => {
    const { take } = ofTwo();
    const begin = performance.now();
    expect(await take(4)).toBe('for 4');
    expect(performance.now() - begin).toBeGreaterThan(900);
    const late = performance.now();
    expect(await take(6)).toBe('for 6');
    expect(performance.now() - late).toBeLessThan(500);
  });

  it('gives a failure to everybody', async () => {
    const meeting = new Barrier<number, string>(2);
    const fail = async (): Promise<string> => {
      throw new Error('no answer');
    };
    const results = await Promise.allSettled([meeting.take(4, fail), meeting.take(6, fail)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
