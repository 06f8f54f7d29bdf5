import { createHash, randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { LabError } from './error.ts';
import { startTime } from './process.ts';

/** The owner id of a project: the same for the same folder, another for another clone. */
export function projectOwner(folder: string): string {
  return `project-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 10)}`;
}

/** A new owner id for test hosts of this process; {@link ownerIsDead} tells when the process has ended. */
export async function testOwner(): Promise<string> {
  const started = await startTime(process.pid);
  if (started === undefined) throw new LabError('/proc does not show this process; is /proc mounted?');
  return `test-${process.pid}-${started}-${randomBytes(3).toString('hex')}`;
}

/** Whether an owner is a test process that has ended. Projects never die by themselves. */
export async function ownerIsDead(owner: string): Promise<boolean> {
  const [, pid, started] = /^test-(\d+)-(\d+)(?:-[0-9a-f]+)?$/.exec(owner) ?? [];
  return started !== undefined && (await startTime(Number(pid))) !== started;
}

/** The owner id of one stack's hosts, so that two stacks of a project may name their hosts alike. */
export function stackOwner(folder: string, stack: string): string {
  return `${projectOwner(folder)}-${stack}`;
}
