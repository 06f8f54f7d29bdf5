const kept = new Set(['HOME', 'USER', 'LOGNAME', 'PATH', 'TMPDIR', 'KRB5CCNAME', 'DBUS_SESSION_BUS_ADDRESS']);
const dropped = new Set(['SSH_ASKPASS', 'SSH_CLIENT', 'SSH_CONNECTION', 'SSH_TTY', 'SSH_ORIGINAL_COMMAND']);

/**
 * The environment OpenSSH programs are started in: what finds the user's configuration, agent and hardware keys, and
 * nothing else, so that no SendEnv of a configuration file carries a secret to a host. Messages are in English, since
 * they are read; proxy commands run under /bin/sh; nothing can ask for a passphrase.
 */
export function sshEnvironment(from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const entries = Object.entries(from).filter(
    ([name]) => kept.has(name) || name.startsWith('XDG_') || (name.startsWith('SSH_') && !dropped.has(name)),
  );
  return { ...Object.fromEntries(entries), LC_ALL: 'C', SHELL: '/bin/sh', SSH_ASKPASS_REQUIRE: 'never' };
}
