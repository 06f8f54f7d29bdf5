import { describe, expect, it } from 'vitest';
import { fallbackWords, readFallback } from '../../../cli/host/fallback.ts';
import { findingsOf } from '../../../cli/status/findings.ts';
import type { Reading } from '../../../cli/status/measure.ts';
import { host } from '../fixture.ts';

const told = `stamp=0123abcd
since=2026-11-28T21:00:00Z
level=copy
reason=the table inet postern has no rules for the door (/etc/postern/firewall.nft:20: syntax error)
`;

describe('what a host says of rules that it could not load', () => {
  it('is nothing where they are in force', () => {
    expect(readFallback('')).toBeUndefined();
    expect(readFallback('\n')).toBeUndefined();
  });

  it('is what failed and what the host does now', () => {
    const fallback = readFallback(told);
    expect(fallback).toMatchObject({ since: '2026-11-28T21:00:00Z', level: 'copy' });
    if (fallback === undefined) return;
    expect(fallbackWords(fallback)).toMatch(
      /since 2026-11-28T21:00:00Z: the table .*sealed copy.* knock opens/s,
    );
    expect(fallbackWords({ ...fallback, level: 'pieces' })).toContain('without a knock for the last known');
    expect(fallbackWords({ since: '', level: 'least', reason: 'r' })).toMatch(
      /^the host could not load its firewall rules: r\. It drops/,
    );
  });

  it('is a finding of `postern status`, and no other is made of a host whose rules are in force', () => {
    const reading = (fallback: ReturnType<typeof readFallback> | null): Reading => ({
      family: 4,
      address: '10.213.1.2',
      now: { ssh: 'silent', wasOpen: false, backup: 'silent', served: [] },
      afterKnock: { ssh: 'open', closed: 'time', ...(fallback === undefined ? {} : { fallback }) },
    });
    expect(findingsOf(host('devnet-1'), reading(null))).toEqual([]);
    expect(findingsOf(host('devnet-1'), reading(undefined))).toEqual([]);
    const [finding] = findingsOf(host('devnet-1'), reading(readFallback(told)));
    expect(finding).toMatchObject({
      code: 1,
      text: expect.stringContaining('could not load its firewall rules'),
    });
  });
});
