import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { RemoteError } from './error.ts';

/** An IP version. */
export type Family = 4 | 6;

const name =
  /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$/;

/** Whether `text` is an IPv4 or IPv6 literal (no zone index, no brackets) or a DNS name: safe as an argument of ssh. */
export function isAddress(text: string): boolean {
  return (isIP(text) !== 0 && !text.includes('%')) || name.test(text);
}

/** An IP literal as the daemons write it: the kernel writes out every zero of an IPv6 address. */
export function shortest(address: string): string {
  return address.includes(':') && URL.canParse(`http://[${address}]`)
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address;
}

/**
 * The first address of `host` in the given family; a literal of that family is returned as it is.
 *
 * @throws RemoteError `unresolved` when there is none.
 */
export async function resolveAddress(host: string, family: Family): Promise<string> {
  if (isIP(host) === family) return host;
  if (isIP(host) !== 0) throw new RemoteError('unresolved', `${host} is not an IPv${family} address.`);
  if (!isAddress(host))
    throw new RemoteError('unresolved', 'the host is neither an IP address nor a DNS name.');
  try {
    return (await lookup(host, { family })).address;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    throw new RemoteError(
      'unresolved',
      `${host} has no IPv${family} address. Check the name, or give an address.`,
      code,
    );
  }
}
