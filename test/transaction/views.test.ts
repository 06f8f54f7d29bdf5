import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../transaction/facts.ts';
import type { FirstWay } from '../../transaction/job.ts';
import { hearsV6, unverifiedV6 } from '../../transaction/views.ts';
import { postureWith, type Raw, SEQUENCES } from '../posture/fixture.ts';

const FACTS = parseFacts('address=203.0.113.7\naddress=2001:db8::7\naddress=2001:db8::8\n');

function said(first: Partial<FirstWay>, sections: Raw = {}, facts = FACTS): string | undefined {
  const way = { address: '203.0.113.7', port: 22, user: 'root', hostKeys: [], ...first };
  const job = {
    first: way,
    posture: postureWith(sections),
    sequences: SEQUENCES,
    identity: undefined,
    previous: undefined,
  };
  return unverifiedV6(job, facts);
}

describe('a host with IPv6', () => {
  it('is named when the configuration does not know it', () => {
    expect(said({})).toMatch(/2001:db8::7 and 1 more.*addressV6: 2001:db8::7, or verify\.ipv6: skip$/);
  });

  it('is not when it is configured, not wanted, or the only family', () => {
    expect(said({ addressV6: '2001:db8::8' })).toBeUndefined();
    expect(said({ address: '2001:db8::7' })).toBeUndefined();
    expect(said({}, { verify: { ipv6: 'skip' } })).toBeUndefined();
    expect(said({}, {}, parseFacts('address=203.0.113.7\n'))).toBeUndefined();
  });
});

it('a knock over IPv6 is heard by all but fwknop, and knockd of Debian 11', () => {
  const hears = (engine: string, version: string) =>
    hearsV6({ os: 'debian', version }, postureWith({ knock: { engine } }));
  expect(['11', '12'].map((version) => hears('knockd', version))).toEqual([false, true]);
  expect(['11', '12'].map((version) => hears('kernel', version))).toEqual([true, true]);
  expect(['11', '12', '13'].map((version) => hears('fwknop', version))).toEqual([false, false, false]);
});
