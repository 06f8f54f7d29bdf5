import { setTimeout as sleep } from 'node:timers/promises';
import { fillDisk, freeDisk, makeDiskReadOnly, stallDisk } from '../../lab/disk.ts';
import { pauseVps } from '../../lab/pause.ts';
import { powerCut } from '../../lab/power.ts';
import { waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Deployment } from './deployment.ts';
import type { FaultName } from './fault-names.ts';
import { ask, doInside } from './host.ts';
import { cutNetwork } from './outage.ts';

/** What a fault happens to. */
export interface Stage {
  readonly vps: LabVps;
  readonly deployment: Deployment;
  /** Starts another deployer with the same order. */
  readonly startSecond: () => void;
  /** Seconds that a fault lasts, for those that last. */
  readonly seconds: number;
}

/** A fault that has happened. */
export interface Happened {
  /** In words; says also if there was nothing for it to happen to. */
  readonly what: string;
  /** Ends what lasts; undefined for a fault of a moment. */
  readonly heal?: () => Promise<void>;
  /** It is to last until the host was looked at. */
  readonly lasting?: boolean;
}

/** A full disk of at least so many seconds stays full until the host was looked at. */
const FULL_FOR_GOOD = 20;

/** What each fault does. */
export const FAULTS: Readonly<Record<FaultName, (stage: Stage) => Promise<Happened>>> = {
  async 'kill-deployer'({ deployment }) {
    const late = deployment.over;
    deployment.kill();
    return { what: late ? 'the deployer had ended' : 'deployer killed' };
  },
  async cancel({ deployment }) {
    deployment.cancel();
    return { what: 'cancelled' };
  },
  async 'second-deployer'({ startSecond }) {
    startSecond();
    return { what: 'a second deployer started' };
  },
  async 'power-cut'({ vps }) {
    await powerCut(vps);
    return { what: 'power cut' };
  },
  async reboot({ vps }) {
    await ask(vps, 'systemctl reboot');
    return { what: 'rebooted' };
  },
  async pause({ vps }) {
    return { what: 'paused', heal: await pauseVps(vps) };
  },
  async reexec({ vps }) {
    await ask(vps, 'systemctl daemon-reexec');
    return { what: 'systemd executed anew' };
  },
  outage: async ({ vps }) => ({ what: 'network cut', heal: await cutNetwork(vps, 'both') }),
  'outage-towards': async ({ vps }) => ({
    what: 'network cut towards the host',
    heal: await cutNetwork(vps, 'towards'),
  }),
  'outage-from': async ({ vps }) => ({
    what: 'network cut from the host',
    heal: await cutNetwork(vps, 'from'),
  }),
  async 'disk-full'({ vps, seconds }) {
    await fillDisk(vps);
    return { what: 'disk filled', heal: () => freeDisk(vps), lasting: seconds >= FULL_FOR_GOOD };
  },
  async 'disk-read-only'({ vps }) {
    await makeDiskReadOnly(vps);
    // As its owner would: a boot checks the disk.
    const heal = async () => {
      await powerCut(vps);
      await waitForBoot(vps, { timeoutSeconds: 120 });
    };
    return { what: 'disk made read-only', heal, lasting: true };
  },
  'disk-stall': async ({ vps }) => ({ what: 'disk stalled', heal: await stallDisk(vps) }),
  'kill-sshd': (stage) => killOne(stage, 'sshd'),
  'kill-listener': (stage) => killOne(stage, 'listener'),
  'kill-firewall': (stage) => killOne(stage, 'firewall'),
  'kill-packages': (stage) => killOne(stage, 'packages'),
  'kill-agent': (stage) => killOne(stage, 'agent'),
  async 'lock-packages'({ vps, seconds }) {
    // It ends by itself, or with the host.
    const holding = doInside(vps, 'lock', String(seconds), seconds + 30);
    return { what: 'locks of the package manager held', heal: async () => void (await holding) };
  },
};

async function killOne({ vps }: Stage, what: string): Promise<Happened> {
  const killed = await doInside(vps, 'kill', what, 30);
  return { what: killed || `no ${what} to kill` };
}

/** A fault at work: ends it once its time is over; `end` ends it now, if it has not ended. */
export class Fault {
  readonly what: string;
  readonly lasting: boolean;
  /** Resolves when it is over, unless it lasts. */
  readonly over: Promise<void>;
  readonly #heal: (() => Promise<void>) | undefined;
  #ended: Promise<void> | undefined;

  constructor({ what, heal, lasting = false }: Happened, seconds: number) {
    this.what = what;
    this.lasting = lasting;
    this.#heal = heal;
    this.over =
      lasting || heal === undefined ? Promise.resolve() : sleep(seconds * 1000).then(() => this.end());
    // Told to whoever waits for it.
    this.over.catch(() => {});
  }

  end(): Promise<void> {
    this.#ended ??= this.#heal?.() ?? Promise.resolve();
    return this.#ended;
  }
}
