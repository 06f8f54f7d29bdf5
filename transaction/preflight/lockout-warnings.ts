import { createHash } from 'node:crypto';
import type { Posture } from '../../posture/schema/posture.ts';
import type { Facts } from '../facts/facts.ts';

/** Names that are said of one account at most. */
const MOST = 5;

/**
 * Who can log in to a host that was not sealed yet and cannot after the change, which lets in `admin.user` with the
 * configured keys alone. Of the account that the host is reached by nothing is said where its keys are among those.
 */
export function lockoutWarnings(
  { raw }: Pick<Facts, 'raw'>,
  { admin }: Posture,
  firstUser: string,
): string[] {
  if (raw.has('sealed')) return [];
  const configured = new Set(admin.authorizedKeys.map((key) => blobOf(key)));
  const keys = keysOf(raw);
  const passwords = new Set(raw.has('sshd_passwords') ? raw.get('login_password') : []);
  const accounts = [...new Set([...keys.keys(), ...passwords])].filter((user) => user !== admin.user);
  const lost = accounts.flatMap((user) => {
    const all = keys.get(user) ?? [];
    const known = user === firstUser && all.every(({ blob }) => configured.has(blob));
    const password = passwords.has(user) && (user !== 'root' || raw.has('sshd_root'));
    const ways = [
      ...(all.length === 0 || known ? [] : [all.length === 1 ? 'one key' : `${all.length} keys`]),
      ...(password && !known ? ['a password'] : []),
    ];
    return ways.length === 0 ? [] : [`${user} (${ways.join(' and ')})`];
  });
  const removed = (keys.get(admin.user) ?? []).filter(({ blob }) => !configured.has(blob));
  return [
    ...(lost.length === 0
      ? []
      : [
          `after the change nobody but ${admin.user} can log in over ssh. Accounts that can now, and no longer will: ${lost.join(', ')}. Who is to get in needs a key in admin.authorizedKeys; the accounts and their files stay`,
        ]),
    ...(removed.length === 0
      ? []
      : [
          `keys of ${admin.user} that are not in admin.authorizedKeys are taken out of its authorized_keys: ${removed.slice(0, MOST).map(nameOf).join(', ')}${removed.length > MOST ? ` and ${removed.length - MOST} more` : ''}`,
        ]),
  ];
}

interface LoginKey {
  readonly blob: string;
  readonly comment: string;
}

/** Keys by account, from `USER TYPE KEY COMMENT`. */
function keysOf(raw: Facts['raw']): Map<string, LoginKey[]> {
  const keys = new Map<string, LoginKey[]>();
  for (const line of raw.get('login_key') ?? []) {
    const [user = '', , blob = '', ...comment] = line.split(' ');
    const known = keys.get(user);
    const key = { blob, comment: comment.join(' ').trim() };
    if (known === undefined) keys.set(user, [key]);
    else known.push(key);
  }
  return keys;
}

function blobOf(key: string): string {
  return key.split(/\s+/).find((word) => word.startsWith('AAAA')) ?? key;
}

/** As `ssh-keygen -l` has it. */
function nameOf({ blob, comment }: LoginKey): string {
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '');
  return `SHA256:${digest}${comment === '' ? '' : ` (${comment})`}`;
}
