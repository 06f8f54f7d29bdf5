import { expect, it } from 'vitest';
import { parseFacts } from '../../transaction/facts/facts.ts';
import { knockDaemonConfigProblems } from '../../transaction/preflight/knock-daemon-config.ts';
import { ownerWarnings } from '../../transaction/preflight/owner-warnings.ts';
import { KEY, postureWith, type Raw } from '../posture/fixture.ts';

const OTHER = 'AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const warnings = (lines: string[], sections: Raw = {}) =>
  ownerWarnings(parseFacts(lines.join('\n')), postureWith(sections), 'root');

it('doors of the owner’s in a file that the engine writes are refused by the name of the file', () => {
  const problems = (engine: string, sections: Raw = {}) =>
    knockDaemonConfigProblems(
      parseFacts(
        'knock_config=/etc/knockd.conf\nknock_config=/etc/fwknop/access.conf\nknock_config=/etc/sysconfig/knockd',
      ),
      postureWith({ knock: { engine }, ...sections }),
    );
  expect(problems('knockd')).toEqual([expect.stringMatching(/^\/etc\/knockd\.conf would be overwritten/)]);
  expect(problems('fwknop')).toEqual([expect.stringMatching(/^\/etc\/fwknop\/access\.conf would/)]);
  expect(problems('kernel')).toEqual([]);
  expect(problems('knockd', { system: 'rhel', firewall: { backend: 'firewalld' } })).toEqual([
    expect.stringContaining('/etc/knockd.conf and /etc/sysconfig/knockd would'),
  ]);
});

it('who can log in and no longer will is named; of the account that is used now only where its keys go', () => {
  const root = `login_key=root ${KEY}`;
  expect(warnings([root])).toEqual([]);
  expect(warnings([root, 'login_password=root', 'sshd_passwords=yes'])).toEqual([]);
  const lines = [
    root,
    `login_key=root ssh-ed25519 ${OTHER} backup@nas`,
    `login_key=git ${KEY}`,
    `login_key=ops ssh-ed25519 ${OTHER} colleague`,
    'login_password=ann',
    'sshd_passwords=yes',
  ];
  const [accounts, keys, ...more] = warnings(lines);
  expect(accounts).toContain('nobody but ops can log in');
  expect(accounts).toContain('root (2 keys), git (one key), ann (a password)');
  expect(keys).toMatch(/keys of ops .*: SHA256:\S+ \(colleague\)$/);
  expect(more).toEqual([]);
  expect(warnings(lines.slice(-2, -1))).toEqual([]);
  expect(warnings([...lines, 'sealed=yes'])).toEqual([]);
});

it('rules of the owner’s that go out of force with ufw are named', () => {
  const lines = ['sealed=yes', 'sealed_firewall=ufw', 'ufw_rule=allow from 10.0.0.0/8'];
  expect(warnings(lines)).toEqual([]);
  expect(warnings(lines, { firewall: { backend: 'nftables' } })).toEqual([
    expect.stringContaining('not in force with nftables: allow from 10.0.0.0/8'),
  ]);
});
