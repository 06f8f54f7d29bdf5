import { RemoteError, type RemoteErrorKind } from '../error.ts';
import { sanitise } from '../sanitise.ts';
import { fingerprint } from './host-keys.ts';
import type { Hop } from './target.ts';

/** The parts of an OpenSSH client's log (LogLevel DEBUG1) that tell how far a connection came. */
export interface ConnectionLog {
  /** TCP was established (never known behind a proxy). */
  readonly connected: boolean;
  /** The server sent its version. */
  readonly greeted: boolean;
  /** Somebody was logged in. */
  readonly authenticated: boolean;
  /** What the server offers to somebody who shows no key, such as `['publickey']`; `['none']` where it needs none. */
  readonly offered: readonly string[];
  /** `SHA256:…` of the host key the server proved to hold. */
  readonly hostKey: string | undefined;
  /** What the server's version line said, such as `OpenSSH_9.2p1 Debian-2`. */
  readonly server: string | undefined;
  /** The messages meant for people, sanitised. */
  readonly messages: string;
}

/** Reads the log of an OpenSSH client. */
export function readLog(log: string): ConnectionLog {
  const people = log
    .split('\n')
    .filter((line) => !/^debug\d: |^Authenticated to |^@{10}|^OpenSSH_\S+, OpenSSL|^\s*$/.test(line))
    .join('\n');
  return {
    connected: /^debug1: Connection established\./m.test(log),
    greeted: /^debug1: Remote protocol version /m.test(log),
    authenticated: /^Authenticated to /m.test(log),
    offered: offeredIn(log),
    hostKey: /^debug1: Server host key: \S+ (SHA256:\S+)/m.exec(log)?.[1],
    server:
      sanitise(
        /^debug1: Remote protocol version \S+, remote software version (.*)$/m.exec(log)?.[1] ?? '',
        100,
      ) || undefined,
    messages: sanitise(people, 600),
  };
}

// A client begins by asking for `none` (RFC 4252, section 5.2), and the server answers with what it takes instead.
function offeredIn(log: string): string[] {
  const answer = /^debug1: Authentications that can continue: (.*)$/m.exec(log)?.[1];
  if (answer !== undefined) return answer.split(',').filter((method) => method !== '');
  return /^Authenticated to .* using "none"/m.test(log) ? ['none'] : [];
}

/** What PAM, and sshd for it, say of an account that has aged: the first of the account, the others of its password. */
export const EXPIRED =
  /account has expired|password has expired|required to change your password|Password change required/i;

// Wording of the OpenSSH client, unchanged for many releases; the first that occurs decides.
const wordings: readonly (readonly [RegExp, RemoteErrorKind])[] = [
  [
    /Host key verification failed|HOST IDENTIFICATION HAS CHANGED|no matching host key type found/,
    'host-key-mismatch',
  ],
  [/Unable to negotiate with/, 'no-common-algorithm'],
  [EXPIRED, 'account-expired'],
  [
    /: Permission denied \([^)]*\)|Too many authentication failures|No more authentication methods/,
    'auth-refused',
  ],
  [/Could not resolve hostname/, 'unresolved'],
  [/Connection refused/, 'refused'],
  [
    /No route to host|Network is unreachable|Host is down|port \d+: (?:Permission denied|Invalid argument|Operation not permitted)/,
    'unreachable',
  ],
  [/bind.*: Cannot assign requested address|getaddrinfo.*bind/i, 'local'],
  [/connect to (?:host|address) .*timed out/, 'silent'],
  [
    /timed out during banner exchange|timed out after authentication|Timeout, server|Connection to .* timed out/,
    'timeout',
  ],
  [
    /kex_exchange_identification|banner exchange: |Connection (?:closed|reset) by|Exceeded MaxStartups|Bad packet length|Invalid packet|Broken pipe/,
    'closed-by-server',
  ],
];

const advice: Partial<Record<RemoteErrorKind, string>> = {
  unresolved: 'has no address. Check the name, or give an address.',
  silent:
    'did not answer. It is down, or a firewall drops this connection; a hidden host has to be knocked at first.',
  refused: 'refused the connection: it is up, but no SSH server listens on this port.',
  unreachable: 'cannot be reached: no route leads there.',
  local: 'was not contacted: this machine has no such source address.',
  timeout: 'accepted the connection and then took longer than allowed.',
  'no-common-algorithm':
    'shares no SSH algorithm with this client. Update the OpenSSH client, or widen the server’s lists.',
  'auth-refused':
    'does not let this user log in with this key. Check the user name, its authorized keys and what the agent holds.',
  'account-expired':
    'took the key, but the account or its password has expired. In its console: chage -M -1 -I -1 -E -1 USER; and chage -d 1 USER if it must change its password first.',
  'closed-by-server':
    'hung up before the login. Since OpenSSH 9.8 sshd turns addresses away for up to ten minutes after logins that failed (PerSourcePenalties), everybody behind the same NAT alike; or it is overloaded, or no SSH server. Wait, or come from another address, such as with -4 or -6.',
};

/** Why no connection to `hop` came about, from the log of the client that tried; `cut` when we ended it for its slowness. */
export function connectionError(hop: Hop, what: string, log: string, cut: boolean): RemoteError {
  const state = readLog(log);
  const found = wordings.find(([wording]) => wording.test(state.messages))?.[1];
  const slow = state.connected || state.greeted ? 'timeout' : 'silent';
  const kind = found ?? (cut ? slow : 'unknown');
  if (kind === 'host-key-mismatch') {
    const pinned = hop.hostKeys.flatMap((key) => fingerprint(key) ?? []).join(', ');
    const shown = state.hostKey ?? 'a key of another type';
    return new RemoteError(
      kind,
      `${what} showed ${shown}, pinned is ${pinned}. Nothing was sent to it. If its host key was changed on purpose, pin the new one; else somebody may be in between.`,
    );
  }
  if (kind === 'auth-refused' && state.messages.includes('with partial success')) {
    return new RemoteError(
      kind,
      `${what} took the key and refuses the code that it asks for besides. Codes are made from a secret and from the time: compare the clocks.`,
      state.messages,
    );
  }
  return new RemoteError(kind, `${what} ${advice[kind] ?? 'could not be logged in to.'}`, state.messages);
}
