import { describe, expect, it } from 'vitest';
import { overriddenSettings } from '../../posture/sshd/effective.ts';
import { sshdSettings } from '../../posture/sshd/settings.ts';
import { resultOf } from '../../remote/ssh/result.ts';
import { parseFacts } from '../../transaction/facts/facts.ts';
import { sshdProblems } from '../../transaction/preflight/sshd-problems.ts';
import { DEBIAN_12, postureWith } from '../posture/fixture.ts';

const INCLUDE = 'sshd_line=/etc/ssh/sshd_config:1:Include /etc/ssh/sshd_config.d/*.conf';
const names = (known = DEBIAN_12) => sshdSettings(postureWith(), known).map(([name]) => name);

describe('OpenSSH after 10.3', () => {
  it('has its directives in mixed case, and they are known all the same', () => {
    // As `sshd -T` of 10.6 prints them.
    const facts = parseFacts('sshd_directives= debianbanner Port PermitRootLogin RequiredRSASize ');
    expect(facts.known.directives).toEqual(['debianbanner', 'port', 'permitrootlogin', 'requiredrsasize']);
  });

  it('is not told about GSSAPI and Kerberos where it was built without', () => {
    expect(names()).toContain('GSSAPIAuthentication');
    const without = DEBIAN_12.directives.filter((name) => !/^(gssapi|kerberos)/.test(name));
    expect(
      names({ ...DEBIAN_12, directives: without }).filter((name) => /GSSAPI|Kerberos/.test(name)),
    ).toEqual([]);
  });

  it('may say false for no', () => {
    expect(overriddenSettings([['TCPKeepAlive', 'no']], 'TCPKeepAlive false\n')).toEqual([]);
    expect(overriddenSettings([['TCPKeepAlive', 'no']], 'TCPKeepAlive true\n')).toHaveLength(1);
  });
});

it('says what is missing where the host has no OpenSSH client to ask', () => {
  const facts = parseFacts(`${INCLUDE}\nsshd_port=22\nknows_kex=\nknows_cipher=\n`);
  expect(sshdProblems(facts, postureWith())).toEqual([expect.stringMatching(/install openssh-client$/)]);
});

describe('a host whose sshd systemd starts by a socket', () => {
  it('has the ports of the socket, not those of sshd’s files', () => {
    const facts = parseFacts('sshd_port=22\nsshd_socket_port=2022\n');
    expect(facts.sshPorts).toEqual([2022]);
    expect(parseFacts('sshd_port=2200\nsshd_port=22\n').sshPorts).toEqual([22, 2200]);
  });

  it('is refused while sessions keep that socket', () => {
    const text = `${INCLUDE}\nsshd_socket_port=22\nsshd_holder=812\nsshd_holder=900\n`;
    const problems = sshdProblems({ ...parseFacts(text), known: DEBIAN_12 }, postureWith());
    expect(problems).toEqual([
      expect.stringMatching(/process 812, 900;.*apt-get install openssh-server there and reboot/),
    ]);
  });
});

it.each(['sudo: a password is required', 'sudo-rs: interactive authentication is required'])(
  'tells a sudo that asks for a password from an account that runs nothing: %s',
  (noise) => {
    const lost = { end: 'lost', started: false, noise, stdout: '', stderr: '' } as const;
    expect(() => resultOf(lost, 'ops@192.0.2.1')).toThrow(expect.objectContaining({ kind: 'sudo-refused' }));
  },
);
