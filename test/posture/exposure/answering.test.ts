import { describe, expect, it } from 'vitest';
import { answering, type Onlooker } from '../../../posture/exposure/answering.ts';
import { exposureOf } from '../../../posture/exposure/exposure.ts';
import { postureWith } from '../fixture.ts';

const posture = postureWith({
  firewall: { p2p: null, api: { from: ['203.0.113.0/24', '2001:db8::/32'] }, foreignRules: 'keep' },
});

function seenBy(onlooker: Onlooker): string[] {
  return answering(exposureOf(posture), onlooker).map(({ protocol, port }) => `${protocol} ${port}`);
}

describe('what answers', () => {
  it('is, for a stranger, nothing; the unknown is not promised', () => {
    expect(seenBy({ source: '198.51.100.1' })).toEqual([]);
    expect(seenBy({ source: '2001:db9::1' })).toEqual([]);
  });

  it('is a service for whom its networks name, by family', () => {
    expect(seenBy({ source: '203.0.113.9' })).toEqual(['tcp 4003']);
    expect(seenBy({ source: '2001:db8::9' })).toEqual(['tcp 4003']);
  });

  it('is the front door for the knocker', () => {
    expect(seenBy({ source: '198.51.100.1', knocked: true })).toEqual(['tcp 22']);
  });

  it('is the backup door for the deployer’s own address', () => {
    const deployer = '198.51.100.1';
    expect(seenBy({ source: deployer, deployer })).toEqual(['tcp 2222']);
    expect(seenBy({ source: '198.51.100.2', deployer })).toEqual([]);
  });

  it('is DHCPv6 for neighbours', () => {
    expect(seenBy({ source: 'fe80::1' })).toEqual(['udp 546']);
  });
});
