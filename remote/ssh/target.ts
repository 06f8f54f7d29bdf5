import { isIP } from 'node:net';
import { isAddress } from '../address.ts';
import { checkHostKey } from './host-keys.ts';

/**
 * Who logs in. A file: path of a private key (or of a public key whose private half the user's agent or hardware
 * holds). A private key in OpenSSH or PEM format, without passphrase: secret, held by an agent of its own and never
 * written to disk. With either, exactly this key is offered and the user's ssh_config is not read.
 */
export type Identity = { readonly file: string } | { readonly privateKey: string };

/** One SSH server on the way to a host, or the host itself. */
export interface Hop {
  /** IPv4 or IPv6 literal (which pins the family) or DNS name. */
  readonly address: string;
  /** TCP port of the SSH server, 1–65535. */
  readonly port: number;
  /** The account to log in to. */
  readonly user: string;
  /** The host keys accepted, at least one, each `type base64` as in a `.pub` file; a comment is allowed. */
  readonly hostKeys: readonly string[];
  /** Undefined: the user's ssh_config, agent and default keys. */
  readonly identity?: Identity | undefined;
  /**
   * Public keys that the account lets in, as in a `.pub` file: without an identity, those of them that the agent holds are
   * offered first. A hardened sshd hangs up after three keys that it does not know.
   */
  readonly knownKeys?: readonly string[] | undefined;
  /** Secret, base32: what the codes of the account's second factor are made from; undefined: it has none. */
  readonly totp?: string | undefined;
}

/** What others need of an open session to share its connection. */
export interface ControlMaster {
  /** Path of the ControlMaster socket. */
  readonly controlPath: string;
  /** Whether programs run under sudo. */
  readonly sudo: boolean;
}

/** A tunnel through an open session. */
export interface Tunnel {
  /** The session; it has to stay open as long as the tunnel is used, and its server has to allow forwarding. */
  readonly session: ControlMaster;
}

/** One way in to a host. */
export interface SshTarget extends Hop {
  /** A jump host, connected to first, its host key pinned as well. */
  readonly jump?: Hop | undefined;
  /** Reach the server through another session instead of over the network. Excludes `jump`. */
  readonly via?: Tunnel | undefined;
  /** The local address to connect from. Undefined: the kernel's choice. */
  readonly sourceAddress?: string | undefined;
  /** The user is not root: programs run under `sudo -n`. */
  readonly sudo: boolean;
}

const userName = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}\$?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const unsafePath = /[\u0000-\u001f\u007f"]|\$\{/;

function hopProblems(hop: Hop, at: string): string[] {
  const problems: string[] = [];
  if (!isAddress(hop.address)) problems.push(`${at}address: neither an IP address nor a DNS name`);
  if (!Number.isInteger(hop.port) || hop.port < 1 || hop.port > 65_535)
    problems.push(`${at}port: not a whole number from 1 to 65535`);
  if (!userName.test(hop.user)) problems.push(`${at}user: not a user name`);
  if (hop.hostKeys.length === 0)
    problems.push(`${at}hostKeys: at least one host key must be pinned ("ssh-ed25519 AAAA…")`);
  for (const [index, key] of hop.hostKeys.entries()) {
    const problem = checkHostKey(key);
    if (problem !== undefined) problems.push(`${at}hostKeys[${index}]: ${problem}`);
  }
  if (hop.identity !== undefined && 'file' in hop.identity) {
    const { file } = hop.identity;
    if (file === '' || file.startsWith('-') || unsafePath.test(file))
      problems.push(`${at}identity.file: not a usable path`);
  }
  return problems;
}

/**
 * Refuses a way that could not be pinned or could be read as something else by ssh or a shell.
 *
 * @throws TypeError naming every property that is wrong, and what is accepted; never their values.
 */
export function checkTarget(target: SshTarget): void {
  const problems = hopProblems(target, '');
  if (target.jump !== undefined) problems.push(...hopProblems(target.jump, 'jump.'));
  if (target.jump !== undefined && target.via !== undefined) problems.push('jump and via: only one of them');
  if (target.sourceAddress !== undefined && isIP(target.sourceAddress) === 0)
    problems.push('sourceAddress: not an IP address');
  if (problems.length > 0) throw new TypeError(`not a usable SSH target: ${problems.join('; ')}`);
}
