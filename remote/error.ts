import { excerpt } from './sanitise.ts';

/**
 * What went wrong on the way to a host, as far as it can be told apart from outside:
 *
 * - `unresolved`: the name has no address.
 * - `silent`: nothing answered the TCP connection (dropped, or no host there).
 * - `refused`: the host answered with a reset: nothing listens on that port.
 * - `unreachable`: a router, or this machine's own routing, says there is no way there.
 * - `timeout`: something answered and then took longer than allowed.
 * - `host-key-mismatch`: the host showed none of the pinned keys; nothing was sent to it.
 * - `no-common-algorithm`: client and server share no key exchange, cipher or MAC.
 * - `auth-refused`: the host is the right one, but lets this user or key not in.
 * - `account-expired`: the host took the key and turns the login away, because its account or password has expired.
 * - `closed-by-server`: the server hung up before anybody logged in (penalty, MaxStartups, not an SSH server).
 * - `no-shell`: logged in, but the account ran something else than what was asked.
 * - `sudo-refused`: logged in, but `sudo -n` wanted a password or said no.
 * - `closed`: an established connection ended before the program did.
 * - `program`: the program ran and failed.
 * - `output-limit`: the program wrote more than allowed and was cut off.
 * - `cancelled`: the caller's AbortSignal fired.
 * - `bad-identity`: the private key cannot be used (wrong format, passphrase).
 * - `no-client`: an OpenSSH program is missing on this machine.
 * - `local`: this machine could not send (no such source address, no permission).
 * - `unknown`: none of these; what was seen is in `seen`.
 */
export type RemoteErrorKind =
  | 'unresolved'
  | 'silent'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'host-key-mismatch'
  | 'no-common-algorithm'
  | 'auth-refused'
  | 'account-expired'
  | 'closed-by-server'
  | 'no-shell'
  | 'sudo-refused'
  | 'closed'
  | 'program'
  | 'output-limit'
  | 'cancelled'
  | 'bad-identity'
  | 'no-client'
  | 'local'
  | 'unknown';

/** A failure to reach a host or to get something done there. Its texts never hold secrets or control characters. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** What kind of failure it is, to be decided on by code. */
  readonly kind: RemoteErrorKind;
  /** What was seen: the end of what the other side or the SSH client said, sanitised; may be empty. */
  readonly seen: string;

  constructor(kind: RemoteErrorKind, message: string, seen = '') {
    const words = excerpt(seen, 2000);
    super(excerpt(message, 4000) + (words === '' ? '' : `\nseen: ${words}`));
    this.kind = kind;
    this.seen = words;
  }
}
