import { describe, expect, it } from 'vitest';
import { sshdDifferences } from '../../../transaction/drift/sshd-drift.ts';
import { fact, postureWith } from '../../posture/fixture.ts';

const posture = postureWith();
const SEALED = fact('sshd-T-sealed-debian-12.txt').trim();
const DIRECTIVES = `sshd_directives=${[...new Set(SEALED.split('\n').map((line) => line.split(' ')[0]))].join(' ')}`;
const LINES = [
  'sshd_line=/etc/ssh/sshd_config:1:Include /etc/ssh/sshd_config.d/*.conf',
  'sshd_exec=/usr/sbin/sshd -D $SSHD_OPTS',
  'sshd_env=SSHD_OPTS=',
  'sshd_running=/usr/sbin/sshd -D',
];

/** What a host says of logins, each of which is like that of a sealed host but for `changed`. */
function host(logins: readonly [login: string, changed?: (text: string) => string][], lines = LINES): string {
  const said = logins.flatMap(([login, changed = (text: string) => text]) => [
    `sshd_login=${login}`,
    ...changed(SEALED)
      .split('\n')
      .map((line) => `sshd_set=${line}`),
  ]);
  return [...lines, DIRECTIVES, ...said].join('\n');
}

const passwords = (text: string) => text.replace('passwordauthentication no', 'passwordauthentication yes');

describe('what sshd does on a sealed host', () => {
  it('is no drift where it is what was sealed, whatever else its files say', () => {
    const own = [
      ...LINES,
      'sshd_line=/etc/ssh/sshd_config:9:PasswordAuthentication yes',
      'sshd_line=/etc/ssh/sshd_config:10:Match Group sftp',
      'sshd_line=/etc/ssh/sshd_config:11:ChrootDirectory /srv',
    ];
    expect(sshdDifferences(host([['ops 192.0.2.7'], ['root 10.0.0.0']], own), posture)).toEqual([]);
  });

  it('is told with the logins that it is in force for', () => {
    const answer = host([['ops 192.0.2.7'], ['ops 10.0.0.0', passwords], ['eve 10.0.0.0', passwords]]);
    expect(sshdDifferences(answer, posture)).toEqual([
      '- sshd PasswordAuthentication no',
      '+ sshd PasswordAuthentication yes, in force for ops from 10.0.0.0, eve from 10.0.0.0',
    ]);
  });

  it('is told where certificates of a stranger’s authority log in, unless the configuration says so', () => {
    const stranger = (text: string) =>
      text.replace('trustedusercakeys none', 'trustedusercakeys /etc/ssh/ca.pub');
    const answer = host([['ops 192.0.2.7', stranger]]);
    expect(sshdDifferences(answer, posture)).toEqual([
      '- sshd TrustedUserCAKeys none',
      '+ sshd TrustedUserCAKeys /etc/ssh/ca.pub, in force for ops from 192.0.2.7',
    ]);
    expect(sshdDifferences(answer, postureWith({ ssh: { trustedUserCAKeys: '/etc/ssh/ca.pub' } }))).toEqual(
      [],
    );
  });

  it('is told of the command line, as it is written and as it runs', () => {
    const written = LINES.map((line) =>
      line.replace('SSHD_OPTS=', 'SSHD_OPTS=-o PasswordAuthentication=yes'),
    );
    const running = LINES.map((line) =>
      line.replace('running=/usr/sbin/sshd -D', 'running=/usr/sbin/sshd -D -f /etc/other'),
    );
    const found = (lines: string[]) =>
      sshdDifferences(host([['ops 192.0.2.7']], lines), posture).filter((line) => line.startsWith('+'));
    expect(found(written)).toEqual([
      '+ sshd is started with -o PasswordAuthentication=yes (/usr/sbin/sshd -D -o PasswordAuthentication=yes)',
    ]);
    expect(found(running)).toEqual([
      '+ sshd is started with -f /etc/other (/usr/sbin/sshd -D -f /etc/other)',
    ]);
  });

  it('is told of a Match block that says who gets in, although ours comes first', () => {
    const own = [
      ...LINES,
      'sshd_line=/etc/ssh/sshd_config.d/60-x.conf:1:Match User ops',
      'sshd_line=/etc/ssh/sshd_config.d/60-x.conf:2:PasswordAuthentication yes',
    ];
    expect(sshdDifferences(host([['ops 192.0.2.7']], own), posture)).toEqual([
      '- no other file of sshd says who gets in',
      expect.stringMatching(
        /^\+ \/etc\/ssh\/sshd_config\.d\/60-x\.conf line 2 sets PasswordAuthentication yes for "Match User ops"/,
      ),
    ]);
  });

  it('is told where sshd takes its files no more', () => {
    expect(sshdDifferences([...LINES, 'sshd_refuses=line 3: bad'].join('\n'), posture)).toEqual([
      '- sshd takes its files',
      '+ sshd refuses them: line 3: bad',
    ]);
  });
});
