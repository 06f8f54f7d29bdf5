import { describe, expect, it } from 'vitest';
import { refuseUnknownChange } from '../../../transaction/drift/unknown-change.ts';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import type { Job, Previous } from '../../../transaction/job.ts';
import { postureWith, SEQUENCES } from '../../posture/fixture.ts';

const AT = '2026-11-01T10:00:00Z';
const LATER = '2026-11-02T10:00:00Z';

/** What facts.sh says of a sealed host; its record tells of the change that sealed it. */
function host(id: string, at: string, more: readonly string[] = []) {
  const record = [`record_id=${id}`, `record_sealed_at=${at}`, 'record_phase=sealed'];
  const lines = ['sealed=yes', `sealed_id=${id}`, 'sealed_holder=eve@ci', 'boot=b', ...record, ...more];
  return parseFacts(lines.join('\n')).sealedBy;
}

function previous(more: Partial<Previous>): Previous {
  const seen = { hostKeys: [], verifiedV6: false };
  return { posture: postureWith({}), sequences: SEQUENCES, ...seen, sealedAt: AT, ...more };
}

/** What the operator is told; undefined: the change goes on. */
function refusal(found: ReturnType<typeof host>, state: Previous | undefined, more: Partial<Job> = {}) {
  const wish = { posture: postureWith({}), sequences: SEQUENCES, identity: undefined };
  const first = { address: '192.0.2.7', port: 22, user: 'root', hostKeys: [] };
  try {
    refuseUnknownChange(found, { ...wish, initialAccess: first, previous: state, ...more });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('a change from a state that is older than its host', () => {
  it('stops and says who changed the host when, and how to go on', () => {
    const told = refusal(host('c2', LATER), previous({ change: 'c1' }));
    expect(told).toContain(`The state is older than the host: the change c2 of eve@ci at ${LATER} sealed it`);
    expect(told).toContain(`is another one, sealed ${AT}`);
    expect(told).toContain('The host: was only looked at; nothing was written');
    expect(told).toMatch(/Next: .*`pulumi refresh`.*`pulumi up`/);
  });

  it('is stopped at a host that was put back to an earlier change, and says which of the two is older', () => {
    const told = refusal(host('c1', AT), previous({ change: 'c2', sealedAt: LATER }));
    expect(told).toContain(`The host is older than the state: the change c1 of eve@ci at ${AT} sealed it`);
    expect(told).toContain(`is a later one, sealed ${LATER}. It may have been put back from a snapshot`);
    expect(told).toMatch(/Next: find out who put it back, and why\..*`pulumi refresh`.*`pulumi up`/);
  });

  it('is stopped whatever was tried and rolled back since', () => {
    const lines = ['sealed_id=c2', 'sealed_holder=eve@ci', `sealed_at=${LATER}`, 'sealed=yes', 'boot=b'];
    const facts = parseFacts([...lines, 'record_id=c3', 'record_phase=undone'].join('\n'));
    expect(refusal(facts.sealedBy, previous({ change: 'c1' }))).toContain(`c2 of eve@ci at ${LATER}`);
  });

  it('is stopped where the host has committed the other change and not sealed it yet', () => {
    const lines = ['sealed_id=c2', 'sealed=yes', 'boot=b', 'record_id=c2', 'record_phase=committed'];
    const facts = parseFacts([...lines, `record_committed_at=${LATER}`].join('\n'));
    expect(refusal(facts.sealedBy, previous({ change: 'c1' }))).toContain(`change c2 at ${LATER}`);
  });

  it('goes on once a refresh has shown that change, and stops at the next one', () => {
    const seen = previous({ change: 'c1', acknowledged: 'c2' });
    expect(refusal(host('c2', LATER), seen)).toBeUndefined();
    expect(refusal(host('c3', LATER), seen)).toContain('c3');
  });

  it('without ids is stopped by the time at which the host was sealed', () => {
    expect(refusal(host('c2', LATER), previous({}))).toContain('the change c2');
    expect(refusal(host('c2', AT), previous({}))).toBeUndefined();
    // By the deployer's clock: nobody saw the end.
    expect(refusal(host('c2', LATER), previous({ sealedAt: '2026-11-01T10:00:00.123Z' }))).toBeUndefined();
  });
});

describe('a change', () => {
  it('goes on where the state knows the host as it is', () => {
    expect(refusal(host('c1', LATER), previous({ change: 'c1' }))).toBeUndefined();
  });

  it('goes on after one of this machine whose state was not saved', () => {
    const state = previous({ change: 'c1' });
    const unsaved = { changes: ['c3', 'c2'], unknown: false };
    expect(refusal(host('c2', LATER), state, { unsaved })).toBeUndefined();
    expect(refusal(host('c4', LATER), state, { unsaved })).toContain('c4');
    expect(refusal(host('c4', LATER), state, { unsaved: { changes: [], unknown: true } })).toBeUndefined();
  });

  it('takes over a host that no state knows, one that is not sealed, and one that keeps no id', () => {
    expect(refusal(host('c2', LATER), undefined)).toBeUndefined();
    expect(refusal(parseFacts('os=debian').sealedBy, previous({ change: 'c1' }))).toBeUndefined();
    expect(refusal(parseFacts('sealed=yes').sealedBy, previous({ change: 'c1' }))).toBeUndefined();
  });

  it('quotes nothing as an id that is none, and nobody at length', () => {
    const told = refusal(
      host('c2', LATER, [`sealed_id=${'x'.repeat(90)}`, `sealed_holder=${'y'.repeat(4000)}`]),
      previous({}),
    );
    expect(told?.length ?? 0).toBeLessThan(1000);
    expect(host('not an id!', LATER)?.id).toBe('');
  });
});
