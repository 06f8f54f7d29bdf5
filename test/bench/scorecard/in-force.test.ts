import { describe, expect, it } from 'vitest';
import { keeps, readInForce } from '../../../bench/scorecard/in-force.ts';
import { REASONS } from '../../../bench/scorecard/reasons.ts';
import { ruleKey } from '../../../bench/scorecard/report.ts';
import { BASELINES } from '../../../bench/scorecard/rules.ts';
import { fact } from '../../posture/fixture.ts';

const sealed = readInForce(fact('sshd-T-sealed-debian-12.txt'));
const fresh = readInForce(fact('sshd-T-fresh-debian-12.txt'));

describe('a rule of a baseline', () => {
  it.each([
    ['maxauthtries', '<=3', '3', true],
    ['maxauthtries', '<=3', '4', false],
    ['clientaliveinterval', '<=300', '0', false],
    ['rsa_host_key_bits', '>=4096', '3072', false],
    ['port', '!=22', '22', false],
    ['allowusers', 'set', 'ops', true],
    ['ciphers', 'without 3des-cbc aes128-cbc', 'aes256-ctr,aes128-cbc', false],
    ['ciphers', 'without 3des-cbc aes128-cbc', 'aes256-ctr', true],
    ['permitrootlogin', 'no|prohibit-password', 'prohibit-password', true],
    ['permitrootlogin', 'no', 'yes', false],
  ])('%s %s is judged with %s in force', (subject, wanted, value, kept) => {
    expect(keeps({ id: 'x', subject, wanted }, new Map([[subject, value]]))).toBe(kept);
  });

  it('is not kept by an sshd that says nothing of it', () => {
    expect(keeps({ id: 'x', subject: 'banner', wanted: 'none' }, new Map())).toBe(false);
  });

  it('is kept by a sealed host more often than by a fresh one', () => {
    const kept = (host: typeof sealed) =>
      BASELINES.map(({ rules }) => rules.filter((rule) => keeps(rule, host)).length);
    const [before, after] = [kept(fresh), kept(sealed)];
    for (const [index, count] of after.entries()) expect(count).toBeGreaterThan(before[index] ?? 0);
  });

  it('has a reason only if it is there', () => {
    const keys = BASELINES.flatMap((baseline) => baseline.rules.map(({ id }) => ruleKey(baseline, id)));
    expect(Object.keys(REASONS).filter((key) => !keys.includes(key))).toEqual([]);
  });
});
