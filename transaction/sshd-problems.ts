import type { Posture } from '../posture/schema/posture.ts';
import { algorithms } from '../posture/sshd/algorithms.ts';
import { configLines } from '../posture/sshd/config-lines.ts';
import { sshdConflicts } from '../posture/sshd/conflicts.ts';
import { sshdSettings } from '../posture/sshd/settings.ts';
import type { Facts } from './facts.ts';

/** What about a host's sshd makes a change impossible or unsafe; each a sentence that says what was seen and what to do. */
export function sshdProblems({ raw, known, sshPorts }: Facts, posture: Posture): string[] {
  const error = raw.get('sshd_error')?.[0];
  if (error !== undefined) return [`sshd refuses its own present configuration (${error}); repair it first`];
  const { kex } = algorithms(posture.ssh.profile, known);
  return [
    ...(kex.some((name) => known.kex.includes(name))
      ? []
      : [
          `ssh.profile is ${posture.ssh.profile}, and the host's OpenSSH knows none of its key exchanges (${kex.join(', ')}); take modern, or a newer release`,
        ]),
    ...(sshPorts.includes(posture.backup.port)
      ? [
          `backup.port is ${posture.backup.port}, and the host's sshd listens there now, until ssh.port ${posture.ssh.port} is in force; take another backup.port for this change, after it ${posture.backup.port} is free`,
        ]
      : []),
    ...sshdConflicts(configLines(raw.get('sshd_line') ?? []), sshdSettings(posture, known)),
    ...(raw.has('nologin') ? ['/etc/nologin forbids logins; remove it'] : []),
    ...(raw.has('hosts_deny') ? ['/etc/hosts.deny blocks sshd; remove the entry'] : []),
  ];
}
