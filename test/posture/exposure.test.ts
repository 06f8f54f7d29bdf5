import { describe, expect, it } from 'vitest';
import { describeExposure, exposureOf } from '../../posture/exposure.ts';
import { postureWith, type Raw } from './fixture.ts';

function table(sections: Raw = {}): string[] {
  return exposureOf(postureWith(sections)).map(describeExposure);
}

describe('who can reach what', () => {
  it('is the network’s ports and, after a knock, ssh; over IPv4 as over IPv6', () => {
    expect(table()).toEqual([
      'ipv4 tcp 4002: anywhere (p2p devnet)',
      'ipv4 tcp 4003: anywhere (public api)',
      'ipv4 tcp 22: the knocker, for 30 s after a knock (ssh)',
      'ipv6 tcp 4002: anywhere (p2p devnet)',
      'ipv6 tcp 4003: anywhere (public api)',
      'ipv6 tcp 22: the knocker, for 30 s after a knock (ssh)',
    ]);
  });

  it('is told apart by family where networks are named', () => {
    const firewall = {
      p2p: { from: ['203.0.113.0/24'] },
      api: { from: ['198.51.100.7', '2001:db8::/32'] },
      icmpEcho: true,
    };
    expect(table({ firewall, ssh: { port: 2022 }, knock: { door: 'held' } })).toEqual([
      'ipv4 tcp 4002: 203.0.113.0/24 (p2p devnet)',
      'ipv4 tcp 4003: 198.51.100.7 (public api)',
      'ipv4 icmp echo: anywhere (ping)',
      'ipv4 tcp 2022: the knocker, until the closing knock (ssh)',
      'ipv6 tcp 4003: 2001:db8::/32 (public api)',
      'ipv6 icmp echo: anywhere (ping)',
      'ipv6 tcp 2022: the knocker, until the closing knock (ssh)',
    ]);
  });

  it('has protocols and further rules', () => {
    const rules = [{ port: 51_820, protocol: 'udp', purpose: 'wireguard' }];
    expect(table({ firewall: { p2p: null, api: null, rules } })).toContain(
      'ipv6 udp 51820: anywhere (wireguard)',
    );
  });

  it('never has the backup port: a sealed host does not answer there', () => {
    expect(exposureOf(postureWith()).some(({ port }) => port === 2222)).toBe(false);
  });
});
