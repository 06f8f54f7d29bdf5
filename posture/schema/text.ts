import { z } from 'zod';
import { SPA_KEY } from '../knock/spa.ts';
import { formatIp, maskIp, parseIpv4, parseIpv6 } from './ip.ts';

/*
 * Every string that reaches a shell, a unit or a configuration file on a host is one of these. Each is an allow-list:
 * control characters, quotes, `%`, `$`, spaces and a leading `-` are refused because they are not on it. The title is
 * the shape that docs/configuration.md names.
 */

/** A host's name: lower-case letters, digits and `-`, 1–63 characters, as a DNS label (RFC 1123). */
export const HostName = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be a DNS label: a–z first, then a–z, 0–9 or -, at most 63 characters',
  )
  .meta({ title: 'DNS label' });

/** A name of a provider's list, such as a region, size or image: lower-case letters, digits, `-` and `_`. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be a slug: a–z, 0–9, - or _, at most 63 characters')
  .meta({ title: 'slug' });

/** A login name as useradd(8) accepts it on Debian. */
export const UserName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,30}$/,
    'must be a login name: a–z or _ first, then a–z, 0–9, _ or -, at most 31 characters',
  )
  .meta({ title: 'login name' });

/** A key of single packets (fwknop): {@link SPA_KEY}. Secret. */
export const SpaKey = z.string().regex(SPA_KEY, 'is not a key for single packets');

/** A network interface: 1–15 characters (IFNAMSIZ), no `/` and no white space. */
export const InterfaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/,
    'must be an interface name such as eth0: letters, digits, _ . -, at most 15',
  )
  .meta({ title: 'interface name' });

/** A short remark that is written into firewall comments. */
export const Remark = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._/+-]{0,59}$/, 'must be 1–60 letters, digits, spaces or . _ / + -')
  .meta({ title: 'short text' });

/** Where a host is reached: IPv4, IPv6 (no zone index) or a DNS name (RFC 1123, no trailing dot). */
export const Address = z
  .string()
  .max(253, 'must be at most 253 characters')
  .refine(
    (text) => parseIpv4(text) !== undefined || parseIpv6(text) !== undefined || DNS_NAME.test(text),
    'must be an IPv4 or IPv6 address or a DNS name, without port and brackets',
  )
  .meta({ title: 'address or DNS name' });

/** An IPv6 address without zone index. */
export const AddressV6 = z
  .string()
  .refine((text) => parseIpv6(text) !== undefined, 'must be an IPv6 address, without brackets and %interface')
  .meta({ title: 'IPv6 address' });

/** A port, 1–65535. */
export const Port = z
  .int('must be a whole number from 1 to 65535')
  .min(1, 'must be from 1 to 65535')
  .max(65_535, 'must be from 1 to 65535');

/**
 * An IPv4 or IPv6 network in CIDR notation, or one address. Comes out as firewalls print it: lower case, compressed, one
 * address without its `/32` or `/128`.
 */
export const Cidr = z
  .string()
  .transform((text, context): string => {
    const network = canonicalNetwork(text);
    if (!('refusal' in network)) return network.text;
    context.addIssue({ code: 'custom', message: network.refusal });
    return z.NEVER;
  })
  .meta({ title: 'network or address' });

/**
 * A path on the deployer's machine; relative ones are taken from the project's folder, `~/` from the home folder. It is
 * quoted into ssh's options and configuration: letters of any script and spaces pass, what could end a quotation or
 * means something to ssh or a shell does not.
 */
export const LocalPath = z
  .string()
  .min(1, 'must not be empty')
  .max(4096, 'must be at most 4096 characters')
  .regex(
    /^(?!-)[\p{L}\p{M}\p{N} ._~/+@,=:-]*$/u,
    'must be a path of letters, digits, spaces and . _ ~ / + @ , = : - that does not begin with -',
  )
  .meta({ title: 'path' });

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/** The last label is not a number: `203.0.113` or `999.1.1.1` is a mistyped address, not a name. */
const DNS_NAME = new RegExp(`^(?:${LABEL}\\.)*(?!\\d+$)${LABEL}$`);

function canonicalNetwork(text: string): { text: string } | { refusal: string } {
  const [address = '', length, ...rest] = text.split('/');
  const groups = parseIpv4(address) ?? parseIpv6(address);
  const most = groups?.length === 4 ? 32 : 128;
  const valid = rest.length === 0 && (length === undefined || /^(0|[1-9]\d{0,2})$/.test(length));
  const bits = Number(length ?? most);
  if (groups === undefined || !valid || bits > most)
    return { refusal: 'must be a network such as 203.0.113.0/24 or 2001:db8::/32, or one address' };
  if (bits === 0) return { refusal: 'is every address there is; to let everybody in leave the list out' };
  if (most === 128 && groups.slice(0, 5).every((word) => word === 0))
    return { refusal: 'is not an IPv6 network that packets come from; write IPv4 addresses as IPv4' };
  const network = formatIp(maskIp(groups, bits));
  if (network !== formatIp(groups))
    return { refusal: `has bits set after the first ${bits}; the network is ${network}/${bits}` };
  return { text: bits === most ? network : `${network}/${bits}` };
}
