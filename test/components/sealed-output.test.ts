import { expect, it } from 'vitest';
import { evidenceOf } from '../../components/sealed-output.ts';

const seen = [
  { check: 'icmp echo', family: 'ipv4', expected: 'silent', seen: 'silent', at: '2026-11-22T00:00:00Z' },
];

it('evidence is a list, whether the state keeps it as one text or, from before, as the list itself', () => {
  expect(evidenceOf({ evidence: JSON.stringify(seen) })).toEqual(seen);
  expect(evidenceOf({ evidence: seen })).toEqual(seen);
});
