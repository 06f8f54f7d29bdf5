import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LabVps } from '../../lab/vps.ts';

// On a VPS the kernel's lines about packets are in its journal. What the kernel says of a network namespace goes to this
// machine's own log, and only where that is asked for.
const SWITCH = '/proc/sys/net/netfilter/nf_log_all_netns';

/** What it was before the first of the test processes that need it, and a file for each of these. */
const FOLDER = '/run/postern-kernel-log';
const BEFORE = path.join(FOLDER, 'before');
const OWN = path.join(FOLDER, `user-${process.pid}`);

/** Has the kernel log the packets of lab hosts until {@link unlogPackets}. */
export function logPackets(): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(OWN, '');
  if (!existsSync(BEFORE)) writeFileSync(BEFORE, readFileSync(SWITCH, 'utf8'));
  writeFileSync(SWITCH, '1');
}

/** Puts the setting back, unless another test process needs it. */
export function unlogPackets(): void {
  rmSync(OWN, { force: true });
  forgetKilled();
}

/** The same for test processes that were killed, which need nothing any more. */
export function forgetKilled(): void {
  if (!existsSync(BEFORE)) return;
  for (const name of readdirSync(FOLDER)) {
    const [, pid] = /^user-(\d+)$/.exec(name) ?? [];
    if (pid === undefined) continue;
    if (existsSync(`/proc/${pid}`)) return;
    rmSync(path.join(FOLDER, name), { force: true });
  }
  writeFileSync(SWITCH, readFileSync(BEFORE, 'utf8'));
  rmSync(BEFORE, { force: true });
}

/** Marks the kernel's log, for {@link packetsSince}. */
export function markLog(words: string): string {
  const mark = `postern test ${process.pid} ${words}`;
  // Without the end of the line it would not be read before there is another.
  writeFileSync('/dev/kmsg', `${mark}\n`);
  return mark;
}

/** Lines about packets to a host since a mark. */
export async function packetsSince(vps: LabVps, mark: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('dmesg', [], { maxBuffer: 1 << 24 });
  const at = stdout.lastIndexOf(mark);
  if (at < 0) throw new Error(`the kernel's log has no longer "${mark}"`);
  const to = [`DST=${vps.address} `, `DST=${long(vps)} `];
  return stdout
    .slice(at)
    .split('\n')
    .filter((line) => to.some((words) => line.includes(words)));
}

/** As the kernel prints it. */
function long({ addressV6 }: LabVps): string {
  const [head = '', tail = ''] = addressV6.split('::');
  const ends = [head.split(':'), tail.split(':')] as const;
  const zeros = Array.from({ length: 8 - ends[0].length - ends[1].length }, () => '0');
  return [...ends[0], ...zeros, ...ends[1]].map((group) => group.padStart(4, '0')).join(':');
}
