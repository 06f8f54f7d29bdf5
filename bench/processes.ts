import { readdirSync, readFileSync } from 'node:fs';

/** The process and all that it started, as far as they still run. Found by parentage: names tell nothing about whose they are. */
export function descendants(pid: number): number[] {
  const found = [pid];
  for (const parent of found) found.push(...children(parent));
  return found;
}

/** Each thread has children of its own. */
function children(pid: number): number[] {
  return threads(pid).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The process' command line, its words joined by spaces; undefined when it is gone. */
export function commandLine(pid: number): string | undefined {
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
}

/** The most memory that the process ever held (VmHWM), in KiB; undefined when it is gone. */
export function peakMemory(pid: number): number | undefined {
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
