import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import { packagesOf } from '../../posture/host-files.ts';
import { harden } from '../../transaction/harden.ts';
import type { Previous } from '../../transaction/job.ts';
import type { Key } from '../lab/command.ts';
import { type Picture, pictureOf } from './compare.ts';
import { must, syncHost } from './host.ts';
import { jobOf, remembered } from './jobs.ts';
import type { Scenario } from './scenario.ts';

/** A host in the state in which its operation begins. */
export interface Prepared {
  /** As the engine would remember it; undefined for a bare host. */
  readonly previous: Previous | undefined;
  /** What it looked like before it was ever changed, and what it looks like now. */
  readonly origin: Picture;
  readonly before: Picture;
}

/** Brings a fresh host into the state in which its run begins, with all of it on its disk. */
export async function prepare(vps: LabVps, key: Key, scenario: Scenario): Promise<Prepared> {
  const { from, to, packages, seed } = scenario;
  if (packages) {
    const wanted = [from ?? to, to].flatMap((setup) =>
      packagesOf(jobOf(vps, key, setup, seed, undefined).posture),
    );
    // Some start what they bring as soon as they are there, and what is stopped while it starts leaves its rules. Others start it
    // at the next boot, which may be a part of the fault.
    await must(
      vps,
      `export DEBIAN_FRONTEND=noninteractive
      apt-get -q update && apt-get -q -y --no-install-recommends install ${[...new Set(wanted)].join(' ')}
      for unit in firewalld knockd fwknop-server; do systemctl -q disable --now $unit.service 2>/dev/null; done
      for unit in ufw netfilter-persistent; do ! systemctl -q is-enabled $unit.service 2>/dev/null || systemctl -q start $unit.service; done
      for family in inet ip ip6; do nft delete table $family firewalld 2>/dev/null; done; :`,
      180,
    );
  }
  const origin = await pictureOf(vps);
  if (from === undefined) {
    await syncHost(vps);
    return { previous: undefined, origin, before: origin };
  }
  const job = jobOf(vps, key, from, seed + 1, undefined);
  const previous = remembered(job, await harden(job, () => {}));
  // What is stopped without waiting for it has stopped by then.
  await sleep(1000);
  await syncHost(vps);
  return { previous, origin, before: await pictureOf(vps) };
}
