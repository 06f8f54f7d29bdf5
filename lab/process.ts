import { readFile } from 'node:fs/promises';

/** When a process started, in clock ticks since boot; with its PID that names it for good. Undefined: not running. */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Fields after the command's name, which is in parentheses and may hold anything: state is the first, start the 20th.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/** Whether the process recorded in a file as `PID STARTTIME` still runs. */
export async function isRecorded(file: string): Promise<boolean> {
  const [pid, started] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ');
  return started !== undefined && (await startTime(Number(pid))) === started;
}
