import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { probeTcp, type TcpState } from '../../remote/probe.ts';
import type { Job } from '../../transaction/job.ts';

/** Where a knock goes and where it comes from. */
export interface From {
  readonly address?: string | undefined;
  readonly sourceAddress?: string | undefined;
}

/** What the front door looks like now. */
export async function front(
  vps: LabVps,
  job: Job,
  { address = vps.address, sourceAddress }: From = {},
): Promise<TcpState> {
  const { port } = job.posture.ssh;
  return (await probeTcp({ address, port, timeoutMilliseconds: 500, sourceAddress })).state;
}

/** Knocks once and waits for the front door to be in a state; false when it is not within `within` milliseconds. */
export async function knocked(
  vps: LabVps,
  job: Job,
  sequence: Sequence,
  wanted: TcpState,
  from: From = {},
  within = 2000,
): Promise<boolean> {
  await sendKnocks({ address: from.address ?? vps.address, sequence, sourceAddress: from.sourceAddress });
  const end = performance.now() + within;
  for (let state = await front(vps, job, from); ; state = await front(vps, job, from)) {
    if (state === wanted) return true;
    if (performance.now() > end) return false;
    await sleep(30);
  }
}

/** Knocks until the front door is open, at most ten times. */
export async function knockedOpen(vps: LabVps, job: Job, from: From = {}): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await knocked(vps, job, job.sequences.open, 'open', from)) return true;
  }
  return false;
}
