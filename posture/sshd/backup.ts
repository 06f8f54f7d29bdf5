import type { Posture } from '../schema/posture.ts';
import type { SshdKnowledge } from './algorithms.ts';
import { withoutPenalties } from './settings.ts';

/** Everything of the backup sshd lives here and goes with it. */
export const BACKUP_DIRECTORY = '/etc/ssh/postern-backup';

/**
 * sshd_config(5) of the backup sshd, which carries the change: nothing in it refers to a file of the main sshd. It
 * takes the deployer's user of this change besides the administrator, who may not exist yet, and lets sessions through
 * to 127.0.0.1 only, where the candidate configuration is tried.
 */
export function backupSshdConfig(posture: Posture, deployer: string, known: SshdKnowledge): string {
  const users = [...new Set([posture.admin.user, deployer])];
  return `# Written by Postern; removed when the change is sealed.
Port ${posture.backup.port}
HostKey ${BACKUP_DIRECTORY}/ssh_host_ed25519_key
AuthorizedKeysFile ${BACKUP_DIRECTORY}/authorized_keys
PidFile none
PubkeyAuthentication yes
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
PermitRootLogin ${deployer === 'root' ? 'prohibit-password' : 'no'}
AllowUsers ${users.join(' ')}
AllowTcpForwarding local
PermitOpen 127.0.0.1:*
AllowAgentForwarding no
AllowStreamLocalForwarding no
PermitTunnel no
X11Forwarding no
UseDNS no
MaxSessions 100
LogLevel VERBOSE
${withoutPenalties(known)
  .map(([directive, value]) => `${directive} ${value}\n`)
  .join('')}`;
}
