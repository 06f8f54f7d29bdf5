import { setTimeout as sleep } from 'node:timers/promises';
import { waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import type { Key } from '../lab/command.ts';
import { givenBackProblems, sealedProblems } from './afterwards.ts';
import { bystanderOf } from './bystander.ts';
import { Deployment, type End } from './deployment.ts';
import { FAULTS, Fault } from './faults.ts';
import { ask, recordOf } from './host.ts';
import { jobOf, remembered } from './jobs.ts';
import { lookAt } from './look.ts';
import { prepare } from './prepare.ts';
import { saidOf } from './said.ts';
import { sample } from './sampler.ts';
import type { Scenario } from './scenario.ts';
import { type Observed, type Verdict, verdictOn } from './verdict.ts';

/** What came of a run. */
export interface Outcome extends Verdict {
  readonly scenario: Scenario;
  /** What the fault was, what the deployer said and what became of the host. */
  readonly fault: string;
  readonly said: string;
  readonly fate: string;
  readonly seconds: number;
  /** What may explain a violation: what the deployers said and what the host wrote down. */
  readonly story: readonly string[];
}

/** Seconds that a deployer may take for an operation, beyond what its fault lasts, before it counts as hanging. */
const PATIENCE = 400;

/** Makes a fresh host go through a scenario and judges what came of it. */
export async function tryScenario(vps: LabVps, key: Key, scenario: Scenario): Promise<Outcome> {
  const begin = performance.now();
  const { operation, seed, seconds } = scenario;
  const giveBack = operation === 'destroy';
  const prepared = await prepare(vps, key, scenario);
  const { previous } = prepared;
  const job = jobOf(vps, key, scenario.to, giveBack ? seed + 1 : seed + 2, previous);
  const before = await recordOf(vps);
  const backupPort = job.posture.backup.port;
  const fronts = previous === undefined ? [] : [previous.posture.ssh.port, job.posture.ssh.port];
  const sampler = sample(vps, await bystanderOf(vps), [backupPort, ...fronts]);

  const ends: End[] = [];
  const deployments: Deployment[] = [];
  const atWork: Promise<unknown>[] = [];
  const start = (): Deployment => {
    const deployment = new Deployment({ job, giveBack });
    deployments.push(deployment);
    atWork.push(deployment.endWithin(PATIENCE + seconds).then((end) => ends.push(end)));
    return deployment;
  };
  const deployment = start();
  let fault: Fault | undefined;
  try {
    await theMoment(vps, deployment, scenario);
    const stage = { vps, deployment, seconds, startSecond: () => void start() };
    fault = new Fault(await FAULTS[scenario.fault](stage), seconds);
    await Promise.all(atWork);
    await fault.over;
    const seen = await lookAt(vps, { job, scenario, prepared, before, fault });
    // What lasted until now.
    await fault.end();
    const next = { ...job, previous: stateAfter(job, ends) };
    const destroyed = giveBack && next.previous !== undefined && scenario.again === 'destroy';
    const again = await nextRun(vps, next, destroyed);
    const observed: Observed = {
      operation,
      before,
      backupPort,
      ...seen,
      // Of two deployers, the one that ended last knows.
      said: saidOf(ends.at(-1)?.message),
      sightings: await sampler.stop(),
      ...again,
    };
    const verdict = verdictOn(observed);
    return {
      ...verdict,
      scenario,
      fault: fault.what,
      said: observed.said,
      fate: seen.fate,
      seconds: (performance.now() - begin) / 1000,
      story: verdict.violations.length === 0 ? [] : await storyOf(vps, deployments, ends),
    };
  } finally {
    for (const each of deployments) each.kill();
    await Promise.all([sampler.stop(), fault?.end().catch(() => {}), ...atWork]);
  }
}

/** Waits for the moment of the fault; a moment that never comes is over when the deployer is. */
async function theMoment(vps: LabVps, deployment: Deployment, { moment }: Scenario): Promise<void> {
  await deployment.says(moment.phase);
  await sleep(moment.milliseconds);
  if (moment.rollback === undefined) return;
  deployment.cancel();
  while (!deployment.over && (await recordOf(vps))?.phase !== 'undoing') await sleep(50);
  await sleep(moment.rollback);
}

/** What the engine remembers: what was sealed, the last one to say so; nothing of a host that was given back. */
function stateAfter(job: Job, ends: readonly End[]): Previous | undefined {
  if (ends.some(({ message }) => message === 'given back')) return undefined;
  const sealed = ends.map((end) => end.sealed).findLast((each) => each !== undefined);
  return sealed === undefined ? job.previous : remembered(job, sealed);
}

/** What the owner does next: the same again. */
async function nextRun(
  vps: LabVps,
  job: Job,
  giveBack: boolean,
): Promise<Pick<Observed, 'again' | 'afterwards'>> {
  await waitForBoot(vps, { timeoutSeconds: 60 }).catch(() => {});
  const end = await new Deployment({ job, giveBack }).endWithin(PATIENCE);
  const done = end.message === (giveBack ? 'given back' : 'sealed');
  if (!done) return { again: end.message ?? 'it was killed', afterwards: [] };
  return {
    again: undefined,
    afterwards: await (giveBack ? givenBackProblems(vps, job) : sealedProblems(vps, job)),
  };
}

async function storyOf(
  vps: LabVps,
  deployments: readonly Deployment[],
  ends: readonly End[],
): Promise<string[]> {
  const said = deployments.flatMap(({ reports }, index) =>
    reports.map(({ seconds, text }) => `deployer ${index + 1}, ${seconds.toFixed(1)} s: ${text}`),
  );
  const ended = ends.map(({ message }) => `a deployer ended: ${message ?? 'killed'}`);
  const units = ['postern-undo', 'postern-undo-boot', 'postern-firewall', 'ssh', 'knockd', 'firewalld'];
  const host = await ask(
    vps,
    `cat /var/lib/postern/record; journalctl -q --no-pager -o short-precise -n 60 ${units.map((unit) => `-u ${unit}.service`).join(' ')}`,
    60,
  );
  const wrote = (host ?? 'cannot be asked').split('\n').map((line) => `host: ${line}`);
  return [...said, ...ended, ...wrote].flatMap((text) => text.split('\n'));
}
