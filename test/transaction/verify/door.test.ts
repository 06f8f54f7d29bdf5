import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TcpState } from '../../../remote/probe.ts';
import type { Vantage } from '../../../remote/vantage.ts';
import { tryOldSequence, tryWrongSequence } from '../../../transaction/verify/door.ts';
import { Witness } from '../../../transaction/verify/evidence.ts';
import { oneAtATime, type View } from '../../../transaction/verify/view.ts';
import { postureWith, SEQUENCES } from '../../posture/fixture.ts';

/** A host whose door a knock opens after so many milliseconds; a probe is one SYN, which is dropped until then. */
function viewOf(milliseconds: number): View {
  let opened = Number.POSITIVE_INFINITY;
  const vantage: Partial<Vantage> = {
    knock: async () => {
      opened = performance.now() + milliseconds;
    },
    probeTcp: async (_address, _port, timeout) => {
      if (performance.now() >= opened) return { state: 'open' as TcpState, rttMilliseconds: 1 };
      await sleep(timeout);
      return { state: 'silent' as TcpState, rttMilliseconds: undefined };
    },
  };
  return {
    family: 4,
    address: '192.0.2.7',
    vantage,
    posture: postureWith({}),
    sequences: SEQUENCES,
    silence: 250,
    gap: 5,
    alone: oneAtATime(),
  } as unknown as View;
}

describe('a sequence that has to open nothing', () => {
  it.each([5, 100])('is found out when a daemon opens for it after %i ms', async (milliseconds) => {
    const view = viewOf(milliseconds);
    await expect(tryOldSequence(view, new Witness(4), SEQUENCES.open)).rejects.toThrow(
      /after the old sequence .*expected silent, saw open/,
    );
    await expect(tryWrongSequence(viewOf(milliseconds), new Witness(4))).rejects.toThrow(
      /after a wrong sequence .*expected silent, saw open/,
    );
  });

  it('is written down as silent when it opens nothing', async () => {
    const witness = new Witness(4);
    await tryWrongSequence(viewOf(Number.POSITIVE_INFINITY), witness);
    expect(witness.evidence).toMatchObject([{ expected: 'silent', seen: 'silent' }]);
  });
});
