/** Why a rule is not kept on a sealed host, by `baseline: rule`. A rule without a reason here is a finding. */
export const REASONS: Readonly<Record<string, string>> = {
  'Lynis: SSH-7408 MaxSessions':
    'conflict: dev-sec wants 10. A session is also what ControlMaster multiplexes, so scp beside a shell would break',
  'Lynis: SSH-7408 Port': 'the port is hidden by the knock; `ssh.port` moves it',
  'dev-sec: sshd-01': 'the same ciphers in ssh-audit’s order, longer keys first; dev-sec compares the text',
  'dev-sec: sshd-02': 'conflict: ssh-audit’s list, post-quantum first; dev-sec compares the text',
  'dev-sec: sshd-03': 'conflict: ssh-audit warns of MACs without etm; profile `compatible` has them',
  'dev-sec: sshd-05': 'packaged file, left as it is; the settings are in a drop-in of mode 600',
  'dev-sec: sshd-14': 'conflict: ssh-audit forbids ECDSA host keys',
  'dev-sec: sshd-19':
    'conflict: CIS allows 4, Lynis 3. 2 cuts off an agent with several keys before the right one',
  'dev-sec: sshd-37': 'conflict: Lynis allows 2 at most',
  'dev-sec: sshd-45': 'conflict: Lynis wants yes; who logged in last is worth seeing',
  'dev-sec: sshd-48':
    'OpenSSH 8.4 cannot be pointed to another file; it is not used, as group exchange is off there',
  'dev-sec: sshd-50':
    'the host’s own keys are kept until `ssh.hostKeyGeneration` is raised; new ones have 4096 bits',
  'CIS: 5.1.1 sshd_config': 'packaged file, left as it is; the settings are in a drop-in of mode 600',
  'CIS: 5.1.5': 'conflict: dev-sec wants none. Nobody reads a banner behind a knock',
  'CIS: 5.1.6':
    'conflict: ssh-audit and dev-sec want chacha20, safe from Terrapin since strict key exchange is offered',
};
