import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { listeners } from '../../../transaction/preflight/listeners.ts';
import { preflight } from '../../../transaction/preflight/preflight.ts';
import {
  unlistedServiceProblems,
  unlistedServiceWarnings,
} from '../../../transaction/preflight/unlisted-services.ts';
import { DEBIAN_12, postureWith, type Raw } from '../../posture/fixture.ts';

const RELAY = 'listening=tcp 0.0.0.0:9001 tor';

const facts = (...lines: string[]) => parseFacts(['sshd_port=22', ...lines].join('\n'));

const problems = (lines: string[], firewall: Raw = {}) =>
  unlistedServiceProblems(facts(...lines), postureWith({ firewall }));

describe('a program that listens on a port which the posture does not have', () => {
  it('is refused before the first change, by its name and port, with what to do', () => {
    const said =
      'programs of the host listen on ports that the configuration does not open, and the change would cut them off: udp 53 (named), tcp 9001 (tor), udp 51820 (the kernel). Put the ports into firewall.rules, stop the programs, or set firewall.unlisted: close';
    const lines = [RELAY, 'listening=udp 192.0.2.7:53 named', 'listening=udp 0.0.0.0:51820 '];
    expect(problems(lines)).toEqual([said]);
    const debian = facts('os=debian', 'version=12', 'tool=apt-get', ...lines);
    expect(preflight({ ...debian, known: DEBIAN_12 }, postureWith())).toContain(said);
  });

  it('is closed, and told of, where that is asked for', () => {
    const posture = postureWith({ firewall: { unlisted: 'close' } });
    expect(unlistedServiceProblems(facts(RELAY), posture)).toEqual([]);
    expect(unlistedServiceWarnings(facts(RELAY), posture)).toEqual([
      expect.stringContaining('tcp 9001 (tor)'),
    ]);
    expect(unlistedServiceWarnings(facts(RELAY), postureWith())).toEqual([]);
  });

  it.each([
    ['the posture opens it', {}, ['listening=tcp *:4002 node', 'listening=tcp 0.0.0.0:4003 node']],
    ['the host is sealed: it is closed there', {}, [RELAY, 'sealed=yes']],
    ['a change is under way', {}, [RELAY, 'boot=b', 'record_phase=armed']],
    ['a policy drops it today', {}, [RELAY, 'policy=iptables INPUT DROP']],
    [
      'a last rule drops it today',
      {},
      [RELAY, 'policy=iptables INPUT ACCEPT', 'policy=iptables INPUT REJECT'],
    ],
    ['a rule drops it today', {}, [RELAY, 'blocks=iptables tcp 80,9000:9010']],
    ['a table of nftables, which is refused, drops it today', {}, [RELAY, 'policy=inet INPUT DROP']],
    ['firewalld shuts it', {}, [RELAY, 'unit_firewalld.service=ActiveState=active']],
    [
      'docker redirects it',
      {},
      [RELAY, 'nat_rule=-A DOCKER -p tcp -m tcp --dport 9001 -j DNAT --to 172.17.0.2:9001'],
    ],
    ['a kept rule lets it in', { foreignRules: 'keep' }, [RELAY, 'opens=iptables tcp 9001']],
    ['a kept rule of ufw lets it in', { foreignRules: 'keep' }, [RELAY, 'ufw_rule=allow 9001/tcp']],
    ['nobody has an address of that family', {}, ['listening=tcp [::]:9001 tor']],
  ])('is no problem where %s', (_, firewall, lines) => {
    expect(problems(lines, firewall)).toEqual([]);
  });

  it.each([
    [
      'only IPv4 is shut',
      {},
      ['listening=tcp *:9001 tor', 'policy=iptables INPUT DROP', 'address=2001:db8::7'],
    ],
    [
      'docker redirects it over IPv4 alone',
      {},
      [
        'listening=tcp *:9001 tor',
        'address=2001:db8::7',
        'nat_rule=-A DOCKER -p tcp -m tcp --dport 9001 -j DNAT --to 172.17.0.2:9001',
      ],
    ],
    ['a change was undone', {}, [RELAY, 'boot=b', 'record_phase=undone']],
    ['the host was given back', {}, [RELAY, 'boot=b', 'record_phase=committed', 'record_operation=restore']],
    [
      'the rule that drops is about others',
      {},
      [RELAY, 'blocks=iptables udp 9001', 'blocks=ip6tables tcp 9001'],
    ],
    [
      'no rule that lets it in stays',
      { backend: 'nftables', foreignRules: 'keep' },
      [RELAY, 'opens=iptables tcp 9001'],
    ],
    [
      'what a kept chain lets in is not known, and shut',
      { backend: 'nftables', foreignRules: 'keep' },
      [RELAY, 'policy=iptables INPUT DROP', 'filter_rule=-A INPUT -j MINE'],
    ],
    [
      'what a kept table lets in is not known, and shut',
      { foreignRules: 'keep' },
      [RELAY, 'policy=inet INPUT DROP'],
    ],
  ])('is refused where %s', (_, firewall, lines) => {
    expect(problems(lines, firewall)).toEqual([expect.stringContaining('tcp 9001 (tor)')]);
  });
});

it('what a host listens on for itself, its sshd, and clients that wait for an answer are not among it', () => {
  const known = facts(
    'sshd_port=2022',
    'ephemeral=32768	60999',
    'listening=tcp 0.0.0.0:22 sshd',
    'listening=tcp [::]:2022 systemd',
    'listening=tcp 127.0.0.1:25 exim4',
    'listening=tcp [::1]:25 exim4',
    'listening=tcp [::ffff:127.0.0.1]:8080 java',
    'listening=udp 127.0.0.53%lo:53 systemd-resolve',
    'listening=udp 192.0.2.7%eth0:68 systemd-network',
    'listening=udp [fe80::1]%eth0:546 systemd-network',
    'listening=udp 0.0.0.0:68 dhclient',
    'listening=udp 0.0.0.0:5355 systemd-resolve',
    'listening=udp 0.0.0.0:41234 systemd-timesyn',
    'listening=udp nonsense',
    'listening=tcp *:8443 tmux: server',
    'listening=tcp 0.0.0.0:8443 tmux: server',
    'listening=udp 0.0.0.0:50000 coturn',
  );
  expect(listeners(known)).toEqual([
    { protocol: 'tcp', port: 8443, families: [4, 6], program: 'tmux: server' },
    { protocol: 'udp', port: 50_000, families: [4], program: 'coturn' },
  ]);
});
