import { readFileSync } from 'node:fs';
import { sudoersRule } from '../../posture/host-files.ts';
import { isUsableKey } from '../../posture/validate/private-key.ts';
import { RemoteError, type RemoteErrorKind } from '../../remote/error.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import type { SshTarget } from '../../remote/ssh/target.ts';
import { SLOW_SECONDS } from '../../transaction/time-limits.ts';
import { fallbackAdvice, fallbackWords } from '../host/fallback.ts';
import {
  hostReportProgram,
  parseHostReport,
  sshdAdvice,
  sshdWords,
  type Unsandboxed,
  unsandboxedAdvice,
  unsandboxedWords,
} from '../host/host-report.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { broken, type Check, type CheckName, ok } from './check.ts';

/** The link that a failure of ssh breaks; every other kind breaks `sshd`. */
const breaks: Partial<Record<RemoteErrorKind, CheckName>> = {
  'host-key-mismatch': 'host key',
  'auth-refused': 'login',
  'account-expired': 'login',
  'bad-identity': 'login',
  'no-shell': 'root',
  'sudo-refused': 'root',
};

const order = ['sshd', 'host key', 'login', 'root'] as const;

/**
 * Logs in through the open door and runs a program as root.
 *
 * @returns the links of it, up to the one that broke; `rules` where the host could not load its own, `sandbox` where its
 *   knock daemon has none, `access` where its sshd lets in others than it was sealed with.
 */
export async function loginChecks(way: SshTarget, { stack, host: { posture } }: FoundHost): Promise<Check[]> {
  try {
    const options = { ...hostReportProgram(posture), timeoutSeconds: SLOW_SECONDS };
    const { server, hostKey, milliseconds, stdout } = await logInOnce(way, options);
    const { fallback, unsandboxed, sshd } = parseHostReport(stdout, posture);
    const rules = fallback === null ? [] : [broken('rules', fallbackWords(fallback), fallbackAdvice(stack))];
    return [
      ok('sshd', `answers: ${server}`),
      ok('host key', `${hostKey}, as pinned`),
      ok('login', `${way.user} is let in, after ${Math.round(milliseconds)} ms`),
      ok('root', way.sudo ? 'sudo works without a password' : 'logged in as root'),
      ...rules,
      ...(unsandboxed === null ? [] : [sandboxLink(unsandboxed, stack)]),
      ...(sshd.length === 0 ? [] : [broken('access', sshdWords(sshd), sshdAdvice(stack))]),
    ];
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const name = breaks[error.kind] ?? 'sshd';
    const before = order
      .slice(0, order.indexOf(name as (typeof order)[number]))
      .map((each) => ok(each, 'fine'));
    const seen = error.message.split('\nseen: ')[0] ?? '';
    if (name === 'root') return [...before, brokenRoot(seen, error, way, stack)];
    return [...before, broken(name, seen, adviceFor(name, error, way))];
  }
}

function sandboxLink(unsandboxed: Unsandboxed, stack: string): Check {
  const words = unsandboxedWords(unsandboxed);
  return unsandboxed.by === 'change'
    ? ok('sandbox', words)
    : broken('sandbox', words, unsandboxedAdvice(stack, unsandboxed));
}

function adviceFor(name: CheckName, { kind }: RemoteError, way: SshTarget): string {
  if (name === 'host key')
    return 'Were the keys changed by `up` on another machine? Then this one has an old state: is its backend the right one (npx pulumi whoami -v)? Otherwise do not go on: read the keys in the provider’s console (cat /etc/ssh/ssh_host_*_key.pub). If they are others than these for a reason that you know, such as a state that was lost, put one into acceptHostKeys of this host, then npm run up.';
  if (kind === 'account-expired')
    return `At its console: chage -M -1 -I -1 -E -1 ${way.user}, and chage -d 1 ${way.user} if it must change its password first. The next \`up\` keeps the account from expiring.`;
  if (name === 'login') return identityAdvice(way) + codeAdvice(way);
  if (kind === 'no-client') return 'Install the OpenSSH client on this machine.';
  if (kind === 'no-common-algorithm')
    return 'Update the OpenSSH client on this machine, or set ssh.profile: compatible.';
  return 'The door is open, so it is sshd itself. If it hangs up at once, it may be turning this address away for logins that failed (PerSourcePenalties, OpenSSH 9.8 and later; up to ten minutes, and everybody behind the same NAT): come from another address, -4 or -6, or wait. The next `up` turns that off. Otherwise look in the provider’s console: journalctl -u ssh';
}

/** Whoever is in without root mends nothing over ssh: a refresh needs root as well. */
function brokenRoot(seen: string, { kind }: RemoteError, { user }: SshTarget, stack: string): Check {
  const shell = kind === 'no-shell';
  const what = shell
    ? `${user} has no shell that runs programs`
    : `sudo’s file for ${user} is gone or was changed`;
  return broken(
    'root',
    seen,
    `Probably ${what}, and nothing mends it over ssh: \`up\` and \`refresh\` need root there themselves. Log in as root at the provider’s console (a lab VPS: npx --no-install postern lab console). Then npx pulumi up -s ${stack} --refresh here finds what else differs. At the console type:`,
    shell
      ? [`usermod -s /bin/bash ${user}`]
      : [
          `echo '${sudoersRule(user)}' >/etc/sudoers.d/postern`,
          'chown root:root /etc/sudoers.d/postern',
          'chmod 440 /etc/sudoers.d/postern',
          'visudo -c',
        ],
  );
}

/** Why a key may not be taken, as far as it can be told from here. */
function identityAdvice({ identity, user }: SshTarget): string {
  const rest = `Is its public key among admin.authorizedKeys of this host, and was that brought up? The account is ${user}.`;
  if (identity === undefined)
    return `No identity is configured, so your agent and default keys were offered (ssh-add -l shows them). ${rest}`;
  if ('privateKey' in identity) return `The key of the stack’s configuration was offered. ${rest}`;
  const text = read(identity.file);
  if (text === undefined)
    return `The key file ${identity.file} cannot be read: set identity.file to the one that you have.`;
  if (text.includes('PRIVATE KEY') && !isUsableKey(text))
    return `The key file ${identity.file} has a passphrase: load it into your agent (ssh-add ${identity.file}), or use \`postern ssh\`, which asks for it. ${rest}`;
  return `The key ${identity.file} was offered. ${rest}`;
}

/** A code may be refused as well as a key, and the answer does not say which. */
function codeAdvice({ totp }: SshTarget): string {
  if (totp === undefined) return '';
  return ' The host also asks for a code of its second factor, which this program made from the stack’s secret: the clocks of this machine and of the host have to agree within four minutes (date -u on both; the host’s in the provider’s console).';
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
