import type { Ssh } from '../schema/ssh.ts';
import type { Setting } from './setting.ts';

/** The keys of `ssh` that let a host's own way of finding keys count besides `admin.authorizedKeys`. */
type AccessKeys = Pick<
  Ssh,
  | 'trustedUserCAKeys'
  | 'authorizedPrincipalsFile'
  | 'authorizedPrincipalsCommand'
  | 'authorizedPrincipalsCommandUser'
  | 'authorizedKeysCommand'
  | 'authorizedKeysCommandUser'
>;

/**
 * Where sshd finds the keys that log in: the administrator's file, and nothing else that the posture does not name. Each
 * directive is written, because a value in another file of the host counts wherever ours is silent.
 */
export function accessSettings(ssh: AccessKeys): Setting[] {
  return [
    ['AuthorizedKeysFile', '.ssh/authorized_keys'],
    ...command('AuthorizedKeysCommand', ssh.authorizedKeysCommand, ssh.authorizedKeysCommandUser),
    ['TrustedUserCAKeys', ssh.trustedUserCAKeys ?? 'none'],
    ['AuthorizedPrincipalsFile', ssh.authorizedPrincipalsFile ?? 'none'],
    ...command(
      'AuthorizedPrincipalsCommand',
      ssh.authorizedPrincipalsCommand,
      ssh.authorizedPrincipalsCommandUser,
    ),
  ];
}

function command(directive: string, value: string | undefined, user: string | undefined): Setting[] {
  if (value === undefined) return [[directive, 'none']];
  // sshd does not start with a command and no user.
  return [
    [directive, value],
    [`${directive}User`, user ?? 'nobody'],
  ];
}

/** Files on the host that decide who gets in besides the administrator's own: a seal writes down what they hold. */
export function accessFiles(ssh: AccessKeys): string[] {
  const { trustedUserCAKeys, authorizedPrincipalsFile, authorizedKeysCommand, authorizedPrincipalsCommand } =
    ssh;
  const named = [
    trustedUserCAKeys,
    authorizedPrincipalsFile,
    authorizedKeysCommand?.split(' ')[0],
    authorizedPrincipalsCommand?.split(' ')[0],
  ];
  // A name with %u in it is another file for each user.
  return named.filter((path) => path !== undefined).filter((path) => !path.includes('%'));
}

/** In words, for the exposure: by what else one gets in; nothing by default. */
export function furtherAccess(ssh: AccessKeys): string[] {
  return accessSettings(ssh)
    .filter(
      ([directive, value]) =>
        /^(TrustedUserCAKeys|AuthorizedKeysCommand)$/.test(directive) && value !== 'none',
    )
    .map(([directive, value]) => `${directive} ${value}`);
}

/** Who may log in and by what: what sshd decides for each login, and may decide otherwise inside a Match block. */
const LOGIN = new Set([
  'AuthenticationMethods',
  'PubkeyAuthentication',
  'PasswordAuthentication',
  'KbdInteractiveAuthentication',
  'PermitEmptyPasswords',
  'HostbasedAuthentication',
  'GSSAPIAuthentication',
  'KerberosAuthentication',
  'PermitRootLogin',
  'AllowUsers',
  'AuthorizedKeysFile',
  'AuthorizedKeysCommand',
  'AuthorizedKeysCommandUser',
  'TrustedUserCAKeys',
  'AuthorizedPrincipalsFile',
  'AuthorizedPrincipalsCommand',
  'AuthorizedPrincipalsCommandUser',
]);

/** What decides about a login besides, for every login alike. */
const GLOBAL = new Set([
  'Port',
  'ChallengeResponseAuthentication',
  'KerberosOrLocalPasswd',
  'IgnoreRhosts',
  'IgnoreUserKnownHosts',
  'StrictModes',
  'PermitUserEnvironment',
]);

/**
 * Where sshd takes `none` for a name inside a Match block, and means it outside only: a certificate would need a principal
 * of a file called none, and each login would be an error of a program called none.
 */
const NONE_OUTSIDE = new Set([
  'AuthorizedKeysCommand',
  'AuthorizedPrincipalsFile',
  'AuthorizedPrincipalsCommand',
]);

/** Those of the settings that a `Match all` repeats: the first Match block that sets a directive wins over the later ones. */
export function loginSettings(settings: readonly Setting[]): Setting[] {
  return settings.filter(
    ([directive, value]) => LOGIN.has(directive) && !(value === 'none' && NONE_OUTSIDE.has(directive)),
  );
}

/** Those of the settings that decide who gets in and by what; the others decide what a session may do, and how it is kept. */
export function decisiveSettings(settings: readonly Setting[]): Setting[] {
  return settings.filter(([directive]) => LOGIN.has(directive) || GLOBAL.has(directive));
}
