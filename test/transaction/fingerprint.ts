import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'fingerprint.sh'), 'utf8');

/** Every line of a host's state that a change may touch. */
export async function fingerprint(vps: LabVps): Promise<string[]> {
  const { code, stdout, stderr } = await execVps(vps, ['sh', '-s'], { stdin: PROGRAM });
  if (code !== 0) throw new Error(`fingerprint: ${stderr}`);
  return stdout.split('\n').filter(Boolean);
}

/** Lines that are in one state only, `-` before and `+` after. */
export function difference(before: readonly string[], after: readonly string[]): string[] {
  const [had, have] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !have.has(line)).map((line) => `-${line}`),
    ...after.filter((line) => !had.has(line)).map((line) => `+${line}`),
  ];
}

/** Files and links that belong to the named packages, which stay installed after a rollback. */
export async function packageFiles(vps: LabVps, lines: readonly string[]): Promise<string[]> {
  const paths = lines.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith('/'));
  const { stdout } = await execVps(vps, [
    'sh',
    '-c',
    'cat >/dev/null; for package in ufw knockd; do cat /var/lib/dpkg/info/$package.list /var/lib/dpkg/info/$package.conffiles 2>/dev/null; done',
  ]);
  const owned = new Set(stdout.split('\n').map((line) => line.trim()));
  return paths.filter((path) => owned.has(path));
}
