import { expect, it } from 'vitest';
import { evidenceOf, unverifiedOf } from '../../components/sealed-output.ts';

const seen = [
  { check: 'icmp echo', family: 'ipv4', expected: 'silent', seen: 'silent', at: '2026-11-22T00:00:00Z' },
];

it('evidence is a list, whether the state keeps it as one text or, from before, as the list itself', () => {
  expect(evidenceOf({ evidence: JSON.stringify(seen) })).toEqual(seen);
  expect(evidenceOf({ evidence: seen })).toEqual(seen);
});

it('what was not verified is said of states, too, that only know that IPv6 was not', () => {
  const of = (sealed: { unverified?: string[]; verifiedV6: boolean }, addressV6?: string) =>
    unverifiedOf(sealed, addressV6);
  expect(of({ verifiedV6: false, unverified: ['a'] }, '2001:db8::7')).toEqual(['a']);
  expect(of({ verifiedV6: true, unverified: ['a'] }, '2001:db8::7')).toEqual(['a']);
  expect(of({ verifiedV6: false }, '2001:db8::7')).toEqual([
    expect.stringContaining('IPv6 was not verified'),
  ]);
  expect(of({ verifiedV6: false })).toEqual([]);
  expect(of({ verifiedV6: true }, '2001:db8::7')).toEqual([]);
});
