import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execVps } from '../../lab/exec.ts';
import { hostFolder } from '../../lab/home.ts';
import { runProgram, tail } from '../../lab/program.ts';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { Job } from '../../transaction/job.ts';
import type { Fault } from './faults.ts';

/** A sealed host and the change that sealed it. */
export interface Subject {
  readonly vps: LabVps;
  readonly job: Job;
}

/** Seconds after which a door that does not open is given up on. */
export const PATIENCE = 60;

/** Seconds after which rules that somebody flushed have to be back. */
const EXPOSED = 15;

/** Seconds for a boot under load. */
const BOOT_SECONDS = 120;

/**
 * Shuts the door, lets the fault happen, and knocks until the door is open.
 *
 * @returns seconds from the end of the fault's command (of the boot, for one that boots) to the open door; undefined when
 *   it does not open within {@link PATIENCE} s.
 * @throws Error when the door does not shut before, stands open without a knock afterwards, or the fault's command fails.
 */
export async function secondsShut(subject: Subject, fault: Fault): Promise<number | undefined> {
  const { vps } = subject;
  await shut(subject);
  const boots = await bootCount(vps);
  if (fault.release !== undefined) {
    const program = join(import.meta.dirname, 'next-release.sh');
    const { code, stderr } = await runProgram(['sh', program, hostFolder(vps), fault.release]);
    if (code !== 0) throw new Error(`the packages of ${fault.release}: ${tail(stderr)}`);
  }
  const timeoutSeconds = fault.seconds ?? 240;
  const { code, stderr } = await execVps(vps, ['sh', '-c', fault.command], { timeoutSeconds });
  if (fault.boots) await waitForBoot(vps, { afterBoot: boots, timeoutSeconds: BOOT_SECONDS });
  else if (code !== 0) throw new Error(`${fault.command}: exit status ${code}: ${stderr.slice(-500)}`);
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  while (await isOpen(subject, 0))
    if (seconds() > EXPOSED) throw new Error(`the door stands open without a knock for ${EXPOSED} s`);
  while (seconds() < PATIENCE) {
    await sendKnocks({ address: vps.address, sequence: subject.job.sequences.open });
    if (await isOpen(subject, 700)) return seconds();
  }
  return undefined;
}

/** What the guard has looked after is up again: the guard itself, and every unit that it knows. */
export async function guardedUnits(vps: LabVps): Promise<string[]> {
  const question = `systemctl is-active postern-guard.service $(sed -n "s/^units='\\(.*\\)'$/\\1/p" /usr/local/lib/postern/guard)`;
  for (const end = Date.now() + 30_000; ; await sleep(500)) {
    const { stdout } = await execVps(vps, ['sh', '-c', question]);
    const states = stdout.trim().split('\n');
    if (states.every((state) => state === 'active') || Date.now() > end) return states;
  }
}

async function isOpen({ vps, job }: Subject, milliseconds: number): Promise<boolean> {
  const target = { address: vps.address, port: job.posture.ssh.port, timeoutMilliseconds: 200 };
  for (const end = performance.now() + milliseconds; ; await sleep(30)) {
    if ((await probeTcp(target)).state === 'open') return true;
    if (performance.now() >= end) return false;
  }
}

async function shut(subject: Subject): Promise<void> {
  const close =
    '. /etc/postern/door.conf; . /usr/local/lib/postern/firewall; for a in $(door_list); do door_close "$a"; done; door_forget 4; door_forget 6';
  for (let attempt = 0; attempt < 20; attempt++) {
    await execVps(subject.vps, ['sh', '-c', close]);
    if (!(await isOpen(subject, 100))) return;
    await sleep(500);
  }
  throw new Error('the door does not shut');
}
