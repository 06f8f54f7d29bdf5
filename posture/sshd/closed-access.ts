import type { ConfigLine } from './config-lines.ts';
import { ALIASES, at, DROP_IN } from './conflicts.ts';
import type { Setting } from './setting.ts';

/** Where keys and logins come from besides a password and root's own, of which everybody knows that a change ends them. */
const TOLD = new Set([
  'authenticationmethods',
  'authorizedkeyscommand',
  'authorizedkeysfile',
  'authorizedprincipalscommand',
  'authorizedprincipalsfile',
  'gssapiauthentication',
  'hostbasedauthentication',
  'kerberosauthentication',
  'trustedusercakeys',
]);

/** How to keep some of them. */
const KEEPING: Readonly<Record<string, string>> = {
  authorizedkeyscommand: 'ssh.authorizedKeysCommand',
  authorizedprincipalscommand: 'ssh.authorizedPrincipalsCommand',
  authorizedprincipalsfile: 'ssh.authorizedPrincipalsFile',
  trustedusercakeys: 'ssh.trustedUserCAKeys',
};

/**
 * What lets somebody in on a host by its own files of sshd, and counts no longer from the change on: a sentence for each
 * line, with file and number, and how it is kept. Nothing of a host whose drop-in sets the directive already.
 */
export function closedAccess(lines: readonly ConfigLine[], settings: readonly Setting[]): string[] {
  const wanted = new Map(settings.map(([directive, value]) => [directive.toLowerCase(), value]));
  const closed = new Set(lines.filter(({ file }) => file === DROP_IN).map(({ directive }) => directive));
  return lines.flatMap((line) => {
    const name = ALIASES[line.directive] ?? line.directive;
    const ours = wanted.get(name);
    if (line.match !== undefined || !TOLD.has(name) || closed.has(name) || ours === undefined) return [];
    if (same(line.value, ours) || ['no', 'none'].includes(line.value.toLowerCase())) return [];
    const keep = KEEPING[name];
    return [
      `${at(line)} says ${line.text}, which counts no longer after this change: Postern sets ${line.text.split(/[\s=]/)[0]} ${ours}${keep === undefined ? '' : `. To keep it, set ${keep}: ${line.value}`}`,
    ];
  });
}

/** A list that begins with the same file finds the same keys there. */
function same(found: string, ours: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll('%h/', '').split(/\s+/);
  // `.ssh/authorized_keys2` has been nobody's for twenty years.
  return (
    plain(found)
      .filter((word) => word !== '.ssh/authorized_keys2')
      .join(' ') === plain(ours).join(' ')
  );
}
