import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';

const FAULT = readFileSync(join(import.meta.dirname, 'fault.sh'), 'utf8');

/** What a host says of its last change. */
export interface HostRecord {
  readonly id: string;
  /** `none` without a record. */
  readonly phase: string;
  readonly errors: string;
}

/** Runs a shell command inside a host; what it printed, whatever its exit status; undefined while the host is down or hangs. */
export async function ask(vps: LabVps, command: string, timeoutSeconds = 20): Promise<string | undefined> {
  const answer = await execVps(vps, ['sh', '-c', command], { timeoutSeconds }).catch(() => undefined);
  return answer === undefined || answer.code === 125 ? undefined : answer.stdout;
}

/** Runs a shell command inside a host; throws if it fails. */
export async function must(vps: LabVps, command: string, timeoutSeconds: number): Promise<void> {
  const { code, stdout, stderr } = await execVps(vps, ['sh', '-c', command], { timeoutSeconds });
  if (code !== 0) throw new Error(`${command}: exit status ${code}: ${stderr}${stdout.slice(-500)}`);
}

/** Does what a fault does inside a host, see fault.sh; resolves to what that was, empty if there was nothing to do it to. */
export async function doInside(
  vps: LabVps,
  verb: string,
  argument: string,
  timeoutSeconds: number,
): Promise<string> {
  const input = { stdin: FAULT, timeoutSeconds };
  const answer = await execVps(vps, ['sh', '-s', verb, argument], input).catch(() => undefined);
  return answer?.stdout.trim() ?? '';
}

/** A host's own record of its last change; undefined while it cannot be asked. */
export async function recordOf(vps: LabVps): Promise<HostRecord | undefined> {
  const text = await ask(vps, 'cat /var/lib/postern/record 2>/dev/null; echo');
  if (text === undefined) return undefined;
  const field = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return { id: field('id'), phase: field('phase') || 'none', errors: field('errors') };
}

/** Phases in which a host still has something to do by itself. */
const UNDECIDED = ['armed', 'undoing', 'committed'];

/** Waits until a host is up and has decided its last change; its record then, or what it was at the end of the time. */
export async function settled(
  vps: LabVps,
  seconds: number,
): Promise<{ record: HostRecord | undefined; decided: boolean }> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const record = await recordOf(vps);
    if (record !== undefined && !UNDECIDED.includes(record.phase) && (await isQuiet(vps)))
      return { record, decided: true };
    if (performance.now() > end) return { record, decided: false };
    await sleep(500);
  }
}

/** Booted, and no part of an undo at work any more. */
async function isQuiet(vps: LabVps): Promise<boolean> {
  const state = await ask(
    vps,
    'systemctl is-system-running; systemctl show -p ActiveState --value postern-undo.service',
  );
  return state !== undefined && /^(running|degraded)\n/.test(state) && !state.includes('activating');
}

/** Shuts the doors that knocks opened, so that they don't count as a change; also one that is half open or half shut. */
export async function shutDoors(vps: LabVps): Promise<void> {
  await ask(
    vps,
    'tries=0; while pgrep -f "[/]usr/local/lib/postern/door (open|close)" && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done >/dev/null; [ ! -f /usr/local/lib/postern/firewall ] || { . /etc/postern/door.conf; . /usr/local/lib/postern/firewall; for source in $(door_list); do door_close "$source"; done; door_forget 4; door_forget 6; }',
  );
}

/** Puts on disk whatever the host has written so far. */
export async function syncHost(vps: LabVps): Promise<void> {
  await ask(vps, 'sync', 60);
}
