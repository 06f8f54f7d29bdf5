import { describe, expect, it } from 'vitest';
import { Semaphore } from '../../../remote/ssh/semaphore.ts';

const patience = AbortSignal.timeout(10_000);

describe('Slots', () => {
  it('hands out no more than there are, in order', async () => {
    const slots = new Semaphore(2);
    const order: number[] = [];
    let most = 0;
    const work = async (id: number) => {
      await slots.acquire(patience);
      order.push(id);
      most = Math.max(most, slots.taken);
      await new Promise((resolve) => setTimeout(resolve, 5));
      slots.release();
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(work));
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
    expect(slots.taken).toBe(0);
  });

  it('has one less after one was retired', async () => {
    const slots = new Semaphore(2);
    await slots.acquire(patience);
    await slots.acquire(patience);
    slots.retire();
    let got = false;
    const third = slots.acquire(patience).then(() => {
      got = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(got).toBe(false);
    slots.release();
    await third;
    expect(got).toBe(true);
  });

  it('lets nobody wait longer than wanted, and passes nobody over for it', async () => {
    const slots = new Semaphore(1);
    await slots.acquire(patience);
    const impatient = slots.acquire(AbortSignal.timeout(10));
    const patient = slots.acquire(patience);
    expect(await impatient).toBe(false);
    slots.release();
    expect(await patient).toBe(true);
    expect(await slots.acquire(AbortSignal.abort())).toBe(false);
    expect(slots.taken).toBe(1);
  });
});
