import { z } from 'zod';

/*
 * Every string that reaches a shell, a unit or a configuration file on a host is one of these. Each is an allow-list:
 * control characters, quotes, `%`, `$`, spaces and a leading `-` are refused because they are not on it.
 */

/** A host's name: lower-case letters, digits and `-`, 1–63 characters, as a DNS label (RFC 1123). */
export const HostName = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be a DNS label: a–z first, then a–z, 0–9 or -, at most 63 characters',
  );

/** A login name as useradd(8) accepts it on Debian. */
export const UserName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,30}$/,
    'must be a login name: a–z or _ first, then a–z, 0–9, _ or -, at most 31 characters',
  );

/** A network interface: 1–15 characters (IFNAMSIZ), no `/` and no white space. */
export const InterfaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/,
    'must be an interface name such as eth0: letters, digits, _ . -, at most 15',
  );

/** A short remark that is written into firewall comments. */
export const Remark = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._/+-]{0,59}$/, 'must be 1–60 letters, digits, spaces or . _ / + -');

/** Where a host is reached: IPv4, IPv6 or a DNS name. */
export const Address = z
  .string()
  .max(253, 'must be at most 253 characters')
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$|^::[0-9A-Fa-f.:]*$/,
    'must be an IPv4 or IPv6 address or a DNS name',
  );

/** A port, 1–65535. */
export const Port = z
  .int('must be a whole number from 1 to 65535')
  .min(1, 'must be from 1 to 65535')
  .max(65_535, 'must be from 1 to 65535');

/** An IPv4 or IPv6 network in CIDR notation, or one address. */
export const Cidr = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'must be a network such as 203.0.113.0/24 or 2001:db8::/32, or one address',
});

/** A path on the deployer's machine; relative ones are taken from the project's folder, `~/` from the home folder. */
export const LocalPath = z
  .string()
  .min(1, 'must not be empty')
  .max(4096, 'must be at most 4096 characters')
  .regex(/^(?!-)\P{Cc}*$/u, 'must be a path without control characters and not begin with -');
