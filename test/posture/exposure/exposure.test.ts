import { describe, expect, it } from 'vitest';
import { describeExposure, exposureOf } from '../../../posture/exposure/exposure.ts';
import { postureWith, type Raw } from '../fixture.ts';

function table(sections: Raw = {}): string[] {
  return exposureOf(postureWith(sections)).map(describeExposure);
}

describe('who can reach what', () => {
  it('is the network’s ports and, after a knock, ssh; over IPv4 as over IPv6', () => {
    expect(table()).toEqual([
      'ipv4 tcp 4002: anywhere (p2p devnet)',
      'ipv4 tcp 4003: anywhere (public api)',
      'ipv4 tcp 22: the knocker, for 30 s after a knock (ssh)',
      'ipv4 tcp 2222: the deployer, while a change is made (backup ssh)',
      'ipv6 tcp 4002: anywhere (p2p devnet)',
      'ipv6 tcp 4003: anywhere (public api)',
      'ipv6 udp 546: neighbours on the link (dhcpv6 answers)',
      'ipv6 tcp 22: the knocker, for 30 s after a knock (ssh)',
      'ipv6 tcp 2222: the deployer, while a change is made (backup ssh)',
    ]);
  });

  it('has no door over IPv6 where the engine is fwknop, and no open port for its packets', () => {
    const rows = table({ knock: { engine: 'fwknop', spaPort: 62_201 } });
    expect(rows).toEqual(
      table().filter((row) => row !== 'ipv6 tcp 22: the knocker, for 30 s after a knock (ssh)'),
    );
  });

  it('is told apart by family where networks are named', () => {
    const firewall = {
      p2p: { from: ['203.0.113.0/24'] },
      api: { from: ['198.51.100.7', '2001:db8::/32'] },
      icmpEcho: true,
    };
    const rows = table({ firewall, ssh: { port: 2022 }, knock: { door: 'held' } });
    expect(rows.filter((row) => !/backup|dhcp/.test(row))).toEqual([
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

  it('has the backup port for the deployer alone, and only during a change', () => {
    const rows = exposureOf(postureWith({ backup: { port: 2022 } })).filter(({ port }) => port === 2022);
    expect(rows.map(({ access }) => access)).toEqual([{ to: 'deployer' }, { to: 'deployer' }]);
  });

  it('says where it cannot know: rules of the host that were to be kept', () => {
    expect(table({ firewall: { foreignRules: 'keep' } })).toContain(
      'ipv4 whatever: whom they let in (rules of the host, kept)',
    );
    expect(table().join()).not.toContain('kept');
  });
});
