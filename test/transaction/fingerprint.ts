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
