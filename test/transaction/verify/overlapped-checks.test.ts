import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../../posture/knock/sequence.ts';
import { EvidenceLog } from '../../../transaction/verify/evidence.ts';
import { negativeChecks } from '../../../transaction/verify/negative-checks.ts';
import { recordOverlapped, sendOverlapped } from '../../../transaction/verify/overlapped-checks.ts';
import { serializer, type View } from '../../../transaction/verify/view.ts';
import { postureWith, SEQUENCES } from '../../posture/fixture.ts';

const OLD: Sequence = [...SEQUENCES.open].reverse();

/** A host that is only knocked at, and what it was knocked with. */
function knockedHost(config = {}, sequences = SEQUENCES) {
  const sent: Sequence[] = [];
  const knock = async (_address: string, sequence: Sequence) => void sent.push(sequence);
  const posture = postureWith(config);
  const view = {
    family: 4,
    address: '192.0.2.7',
    vantage: { knock },
    posture,
    sequences,
    serialize: serializer(),
    roundTrip: 30,
  };
  return { view: view as unknown as View, sent };
}

describe('knocks in passing', () => {
  it('are all that must open nothing, one after another', async () => {
    const { view, sent } = knockedHost();
    const before = performance.now();
    const passing = await sendOverlapped(view, negativeChecks(view, OLD), 100);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(OLD);
    expect(passing?.begin).toBeGreaterThan(before + 140);
    expect((passing?.shows ?? 0) - (passing?.begin ?? 0)).toBeGreaterThanOrEqual(200);
  });

  it('are none where they would tell nothing, or too late, or close the door', async () => {
    for (const [{ view, sent }, reaction] of [
      [knockedHost({ knock: { engine: 'kernel' } }), 100],
      [knockedHost({}, { ...SEQUENCES, close: OLD }), 100],
      [knockedHost(), 460],
    ] as const) {
      expect(await sendOverlapped(view, negativeChecks(view, OLD), reaction)).toBeUndefined();
      expect(sent).toEqual([]);
    }
  });

  const judged = (shut: number) => {
    const { view } = knockedHost();
    const log = new EvidenceLog(4);
    const tries = negativeChecks(view, OLD);
    const untold = recordOverlapped(view, log, tries, { begin: 5000, shows: 5200 }, shut);
    return { untold: untold.length, checks: log.evidence.map(({ check }) => check) };
  };

  it('opened nothing where the door is shut when an opening would show', () => {
    const checks = ['ssh port 22 after a wrong sequence', 'ssh port 22 after the old sequence'];
    for (const shut of [5200, 5919]) expect(judged(shut)).toEqual({ untold: 0, checks });
  });

  it('tell nothing where it is looked at too early, or too late, or they were not sent', () => {
    for (const shut of [5199, 5921]) expect(judged(shut)).toEqual({ untold: 2, checks: [] });
    const { view } = knockedHost();
    const tries = negativeChecks(view, undefined);
    expect(recordOverlapped(view, new EvidenceLog(4), tries, undefined, 5300)).toEqual(tries);
  });
});
