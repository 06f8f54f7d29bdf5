import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Release } from '../../lab/base.ts';
import { runProgram } from '../../lab/program.ts';

const HERE = import.meta.dirname;
const FOLDER = join(HERE, '../../.postern/cache/ssh-audit');

/** The policy that a release is held to, and the profile of `ssh.profile` with which it passes. */
export const POLICIES: Readonly<Record<Release, { policy: string; profile: 'modern' | 'post-quantum' }>> = {
  // ssh-audit has none for Debian 11, and its own for OpenSSH 8.4 forbids what Debian backported.
  bullseye: { policy: join(HERE, 'debian-11.policy'), profile: 'modern' },
  bookworm: { policy: 'Hardened Debian 12 (version 3)', profile: 'modern' },
  trixie: { policy: 'Hardened Debian 13 (version 1)', profile: 'post-quantum' },
};

/** What ssh-audit says of one algorithm or file. */
export interface Finding {
  readonly algorithm: string;
  readonly said: string;
}

/**
 * Installs ssh-audit from PyPI, once.
 *
 * @throws Error with what pip said when it cannot be had.
 */
export async function installSshAudit(): Promise<void> {
  await promisify(execFile)('sh', [join(HERE, 'ssh-audit.sh'), FOLDER]);
}

/** What ssh-audit finds wrong with an sshd whose door is open: `fail` and `warn`. */
export async function auditSsh(address: string, port: number): Promise<{ fail: Finding[]; warn: Finding[] }> {
  const report = JSON.parse((await run(address, port, '-j', '--skip-rate-test')).stdout) as Record<
    string,
    unknown
  >;
  const listed = ['kex', 'key', 'enc', 'mac'].flatMap((category) => report[category] as Listed[]);
  const findings = (level: 'fail' | 'warn') =>
    listed.flatMap(({ algorithm, notes }) => (notes?.[level] ?? []).map((said) => ({ algorithm, said })));
  return { fail: findings('fail'), warn: findings('warn') };
}

/** Whether a policy passes; if not, what ssh-audit says. */
export async function passesPolicy(
  address: string,
  port: number,
  policy: string,
): Promise<{ passed: boolean; said: string }> {
  const { code, stdout } = await run(address, port, '-n', '-P', policy);
  return { passed: code === 0 && /Result: .*Passed/.test(stdout), said: stdout };
}

interface Listed {
  readonly algorithm: string;
  readonly notes?: { readonly fail?: string[]; readonly warn?: string[] };
}

function run(address: string, port: number, ...options: string[]) {
  const argv = [join(FOLDER, 'bin/ssh-audit'), ...options, '-p', String(port), address];
  return runProgram(argv, { timeoutSeconds: 120 });
}
