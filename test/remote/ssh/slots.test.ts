import { describe, expect, it } from 'vitest';
import { Slots } from '../../../remote/ssh/slots.ts';

describe('Slots', () => {
  it('hands out no more than there are, in order', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    let most = 0;
    const work = async (id: number) => {
      await slots.acquire();
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
    const slots = new Slots(2);
    await slots.acquire();
    await slots.acquire();
    slots.retire();
    let got = false;
    const third = slots.acquire().then(() => {
      got = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(got).toBe(false);
    slots.release();
    await third;
    expect(got).toBe(true);
  });
});
