import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Whether this machine can run lab hosts; if not, why, in one sentence. */
export type LabSupport = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The Debian packages that the lab needs on this machine: the lines of lab/packages.txt. */
export const LAB_PACKAGES: readonly string[] = readFileSync(
  path.join(import.meta.dirname, 'packages.txt'),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** One program of each package without which no host can be made. */
const PROGRAMS = [
  'systemd-nspawn',
  'mmdebstrap',
  'apt-ftparchive',
  'ip',
  'nsenter',
  'flock',
  'ssh-keygen',
  'sysctl',
];

/** Capability numbers of linux/capability.h. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 };

const INSTEAD = 'targets `existing` and `digitalocean` work without it';

/** Looks whether this machine can run lab hosts. Quick: reads a few files, starts nothing. */
export function labSupport(): LabSupport {
  const missing = missingSupport();
  return missing === undefined
    ? { ok: true }
    : { ok: false, reason: `The lab needs ${missing}; ${INSTEAD}.` };
}

function missingSupport(): string | undefined {
  if (process.platform !== 'linux') return `Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return `root, and this is user ${process.getuid?.()}`;
  const lacking = lackingCapabilities();
  if (lacking.length > 0) return `${lacking.join(' and ')}, which this (container's?) root does not have`;
  if (!existsSync('/proc/sys/net/ipv6')) return 'IPv6 in the kernel, and it is switched off here';
  const absent = PROGRAMS.filter((program) => !isOnPath(program));
  if (absent.length > 0) {
    return `${absent.join(', ')}: on Debian, apt-get install ${LAB_PACKAGES.join(' ')}`;
  }
  return undefined;
}

function lackingCapabilities(): string[] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
