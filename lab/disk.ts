import { hostFolder, type VpsId } from './home.ts';
import { runLabProgram } from './program.ts';

/**
 * A disk of a host's own, an ext4 image: it can be full, read-only or stalled, and a power cut loses what was not synced.
 */
export interface Disk {
  /** Its size, at least 64. What the host writes goes there; the image of its release does not count. */
  readonly mebibytes: number;
}

/**
 * Fills a host's disk, so that the host can write `leaveKibibytes` more.
 *
 * @throws {LabError} if the host is down or has no disk of its own
 */
export function fillDisk(vps: VpsId, leaveKibibytes = 0): Promise<void> {
  return disk(vps, 'fill', String(leaveKibibytes));
}

/** Takes back what {@link fillDisk} did. */
export function freeDisk(vps: VpsId): Promise<void> {
  return disk(vps, 'free');
}

/**
 * Makes a host's disk read-only, as the kernel does when it meets an error on it: whoever writes fails, also with a
 * file that was open. It stays so until the next boot, which checks the disk and mounts it again.
 *
 * @throws {LabError} if the host is down or has no disk of its own
 */
export function makeDiskReadOnly(vps: VpsId): Promise<void> {
  return disk(vps, 'read-only');
}

/**
 * Stalls a host's disk, as a cloud's storage may: whoever writes waits, and cannot be killed. What was written before is
 * on the disk then.
 *
 * @returns what ends the stall; destroying the host or cutting its power ends it too
 * @throws {LabError} if the host is down or has no disk of its own
 */
export async function stallDisk(vps: VpsId): Promise<() => Promise<void>> {
  await disk(vps, 'stall');
  return () => disk(vps, 'resume');
}

async function disk(vps: VpsId, verb: string, ...args: string[]): Promise<void> {
  await runLabProgram('host/disk.sh', [verb, hostFolder(vps), ...args]);
}
