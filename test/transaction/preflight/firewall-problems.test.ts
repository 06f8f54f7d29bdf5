import { describe, expect, it } from 'vitest';
import { zoneXml } from '../../../posture/firewall/firewalld.ts';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { firewallProblems } from '../../../transaction/preflight/firewall-problems.ts';
import { postureWith } from '../../posture/fixture.ts';

const RUNNING = 'LoadState=loaded ActiveState=active UnitFileState=enabled';
const AT_BOOT = 'LoadState=loaded ActiveState=inactive UnitFileState=enabled';
const OFF = 'LoadState=loaded ActiveState=inactive UnitFileState=disabled';

const problems = (facts: string[], firewall: Record<string, unknown>) =>
  firewallProblems(parseFacts(facts.join('\n')), postureWith({ firewall }));

describe('a second firewall manager', () => {
  it.each([
    ['ufw', 'unit_firewalld.service', RUNNING],
    ['ufw', 'unit_nftables.service', AT_BOOT],
    ['nftables', 'unit_firewalld.service', AT_BOOT],
    ['iptables', 'unit_nftables.service', RUNNING],
    ['firewalld', 'unit_netfilter-persistent.service', RUNNING],
    ['nftables', 'ufw', 'enabled'],
  ])('is a problem for %s: %s=%s', (backend, key, value) => {
    expect(problems([`${key}=${value}`], { backend })).toEqual([
      expect.stringMatching(new RegExp(`beside ${backend}, and two firewall managers .* disable it`)),
    ]);
  });

  it.each([
    ['ufw', 'ufw', 'enabled'],
    ['nftables', 'unit_nftables.service', RUNNING],
    ['iptables', 'unit_netfilter-persistent.service', RUNNING],
    ['firewalld', 'unit_firewalld.service', RUNNING],
    ['ufw', 'unit_firewalld.service', OFF],
  ])('is none where it is the wanted one, or off: %s, %s=%s', (backend, key, value) => {
    expect(problems([`${key}=${value}`], { backend })).toEqual([]);
  });

  it('is a firewalld that nobody else gets into, and the table that a killed one left', () => {
    expect(problems(['firewalld_owner=yes'], { backend: 'firewalld' })).toEqual([
      expect.stringContaining('set NftablesTableOwner=no'),
    ]);
    const left = 'nft_table=inet firewalld';
    expect(problems([left], { backend: 'ufw' })).toEqual([
      expect.stringContaining('nftables table inet firewalld'),
    ]);
    expect(problems([left, 'sealed_firewall=firewalld'], { backend: 'ufw' })).toEqual([]);
  });

  it('is none where Postern put it there: the change replaces it', () => {
    expect(problems(['ufw=enabled', 'sealed_firewall=ufw'], { backend: 'nftables' })).toEqual([]);
    expect(
      problems([`unit_firewalld.service=${RUNNING}`, 'sealed_firewall=firewalld'], { backend: 'ufw' }),
    ).toEqual([]);
  });
});

describe('rules that the configuration does not have', () => {
  const foreign = ['filter_rule=-A INPUT -p tcp --dport 8080 -j ACCEPT', 'nft_table=inet mine'];

  it.each(['ufw', 'firewalld', 'iptables', 'nftables'])('are named: %s', (backend) => {
    const [said = ''] = problems(foreign, { backend });
    expect(said).toContain('--dport 8080');
    expect(said).toContain('nftables table inet mine');
  });

  it.each(['ufw', 'iptables'])('are kept where that is asked for: %s', (backend) => {
    expect(problems(foreign, { backend, foreignRules: 'keep' })).toEqual([]);
  });

  it('cannot be kept where they let in what would be shut all the same', () => {
    const keep = { backend: 'nftables', foreignRules: 'keep' };
    expect(problems(foreign, keep)).toEqual([expect.stringMatching(/nftables would shut .*--dport 8080/)]);
    const denying = [
      'filter_rule=-A INPUT -s 192.0.2.7/32 -j DROP',
      'filter_rule=-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
      'filter_rule=-A INPUT -i lo -j ACCEPT',
      'filter_rule=-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'filter_rule=-A FORWARD -i tun0 -j ACCEPT',
      'nft_table=inet mine',
    ];
    expect(problems(denying, keep)).toEqual([]);
    for (const backend of ['ufw', 'iptables', 'nftables'])
      expect(problems([...denying, 'nft_opens=inet mine'], { ...keep, backend })).toEqual([
        expect.stringMatching(new RegExp(`${backend} would shut .*: nftables table inet mine`)),
      ]);
  });

  it('cannot be kept by firewalld, which would flush them: refused, not dropped', () => {
    const keep = { backend: 'firewalld', foreignRules: 'keep' };
    expect(problems(foreign, keep)).toEqual([expect.stringContaining('--dport 8080')]);
    expect(problems(['zone_entry=services ssh http'], keep)).toEqual([
      expect.stringContaining('services http'),
    ]);
  });

  it.each([
    'services dhcpv6-client ssh',
    'ports 4002/tcp 4003/tcp 22/tcp',
    'rule family="ipv4" source address="192.0.2.7" port port="22" protocol="tcp" accept',
  ])('are not what the posture has, or what it shuts: %s', (entry) => {
    expect(problems([`zone_entry=${entry}`], { backend: 'firewalld' })).toEqual([]);
  });

  it('are not what an earlier change put into the zone', () => {
    const posture = postureWith({
      firewall: {
        backend: 'firewalld',
        p2p: null,
        icmpEcho: true,
        api: { from: ['10.0.0.0/8', '2001:db8::7'] },
        rules: [{ port: 9100, protocol: 'udp', purpose: 'metrics' }],
      },
    });
    const own = zoneXml(posture)
      .split('\n')
      .map((line) => `zone_own=${line}`);
    // As firewall-cmd 1.3.3 says it.
    const entries = [
      'zone_entry=services dhcpv6-client',
      'zone_entry=ports 9100/udp',
      'zone_entry=rule icmp-type name="echo-request" accept',
      'zone_entry=rule family="ipv4" source address="10.0.0.0/8" port port="4003" protocol="tcp" accept',
      'zone_entry=rule family="ipv6" source address="2001:db8::7" port port="4003" protocol="tcp" accept',
    ];
    const firewall = { backend: 'firewalld', api: null };
    expect(problems([...own, ...entries], firewall)).toEqual([]);
    expect(problems(entries, firewall)).toEqual([expect.stringContaining('9100/udp')]);
  });

  it.each([
    'rule family="ipv4" source address="192.0.2.7" port port="4003" protocol="tcp" accept',
    'sources 10.0.0.0/8',
    'ports 4002/udp',
    'masquerade',
    'zone trusted, sources: 10.0.0.0/8',
    'rule family="ipv4" source address="192.0.2.7" port port="8080" protocol="tcp" accept',
  ])('are in a zone: %s', (entry) => {
    expect(problems([`zone_entry=${entry}`], { backend: 'firewalld' })).toHaveLength(1);
  });

  it('are not docker’s about forwarding', () => {
    expect(
      problems(['filter_rule=-A FORWARD -j DOCKER-USER', 'filter_rule=-A FORWARD -o docker0 -j DOCKER'], {
        backend: 'iptables',
      }),
    ).toEqual([]);
    expect(problems(['filter_rule=-A INPUT -i docker0 -j ACCEPT'], { backend: 'iptables' })).toHaveLength(1);
  });
});
