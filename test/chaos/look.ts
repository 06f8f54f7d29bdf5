import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { changesSince } from './compare.ts';
import type { Fault } from './faults.ts';
import { ask, type HostRecord, settled } from './host.ts';
import { ROLLBACK_SECONDS } from './jobs.ts';
import type { Prepared } from './prepare.ts';
import type { Scenario } from './scenario.ts';
import { dueWay, type Fate, fateOf, type Observed } from './verdict.ts';
import { wayIn } from './way-in.ts';

/** Seconds that a host may take to decide and to be reached, beyond its own time. */
const MARGIN = 90;

/** A run whose deployer is gone. */
export interface Over {
  readonly job: Job;
  readonly scenario: Scenario;
  readonly prepared: Prepared;
  readonly before: HostRecord | undefined;
  readonly fault: Fault;
}

/** What a host shows once it had the time to decide. */
export type Seen = Pick<Observed, 'after' | 'decided' | 'way' | 'changed' | 'drift'> & {
  readonly fate: Fate;
};

/** Waits until a host has decided and looks at it, by its owner's ways and from inside. */
export async function lookAt(vps: LabVps, { job, scenario, prepared, before, fault }: Over): Promise<Seen> {
  const { operation } = scenario;
  // A disk that cannot be written keeps the host from saying what it did, but nobody out.
  const readOnly = scenario.fault === 'disk-read-only';
  const early = readOnly ? await wayIn(job, ROLLBACK_SECONDS + MARGIN) : undefined;
  if (readOnly) await fault.end();
  const { record: after, decided } = await settled(vps, ROLLBACK_SECONDS + MARGIN);
  const fate = fateOf({ operation, before, after, decided });
  const late = await wayIn(job, MARGIN, dueWay(operation, fate));
  const way = readOnly && early === undefined ? undefined : late;
  if (fate === 'changed')
    return { fate, after, decided, way, changed: [], drift: await steady(() => driftOf(vps)) };
  const givenBack = fate === 'given back';
  const picture = givenBack ? prepared.origin : prepared.before;
  const changed = await steady(() => changesSince(vps, picture, givenBack));
  return { fate, after, decided, way, changed, drift: undefined };
}

async function driftOf(vps: LabVps): Promise<string[]> {
  const command = 'sh /var/lib/postern/agent/agent.sh inspect sealed 2>&1 || echo "inspect failed"';
  return (await ask(vps, command, 60))?.split('\n').filter(Boolean) ?? ['the host cannot be asked'];
}

/** A host that was just killed, booted or rolled back may still be starting things: what differs must differ for a while. */
async function steady(look: () => Promise<string[]>): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const found = await look();
    if (found.length === 0 || attempt === 6) return found;
    await sleep(2500);
  }
}
