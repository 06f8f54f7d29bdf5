import { setTimeout as sleep } from 'node:timers/promises';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { BackendName } from '../../posture/firewall/backend.ts';
import type { EngineName } from '../../posture/knock/engine.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { oddAnswers } from '../exposure/odd.ts';
import { unlimitIcmpErrors } from '../exposure/scan.ts';
import { listen } from '../firewall/backends.ts';
import { freshVps, ssh } from '../lab/fixture.ts';
import { front, knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { cutPowerNow } from '../transaction/interrupt.ts';

/** A sealed host whose rules are damaged, one file after the other. */
export interface Damaged {
  readonly vps: LabVps;
  readonly job: Job;
  readonly sealed: Previous;
}

/** A port that a program listens on and no posture opens. */
export const STRAY = 9998;

/** A sealed host with something behind its firewall that would answer. */
export async function sealedHost(
  backend: BackendName,
  engine: EngineName,
  release: 'bullseye' | 'bookworm' | 'trixie' = 'bookworm',
): Promise<Damaged> {
  const vps = await freshVps({ release });
  await listen(vps, [STRAY]);
  const job = await jobFor(vps, { firewall: { backend }, knock: { engine, openSeconds: 10 } });
  return { vps, job, sealed: remembered(job, await hardened(job)) };
}

/** Damages a file, or whatever `shell` does with `$path`; a copy of what it may touch is kept in /root/kept. */
export async function damage({ vps }: Damaged, path: string, shell: string): Promise<void> {
  await inside(
    vps,
    `set -e; rm -rf /root/kept; mkdir -p /root/kept; path=${path}; [ ! -e "$path" ] || cp -a --parents "$path" /root/kept; ${shell}`,
  );
}

/** Puts back what was damaged, as an administrator would. */
export async function putBack({ vps }: Damaged, path: string): Promise<void> {
  await inside(
    vps,
    `rm -rf ${path}; [ ! -e /root/kept${path} ] || cp -a /root/kept${path} ${path}; for gone in /usr/lib/*/xtables/*.away; do [ ! -e "$gone" ] || mv "$gone" "\${gone%.away}"; done; [ ! -e /usr/sbin/nft.real ] || mv /usr/sbin/nft.real /usr/sbin/nft; systemctl daemon-reload`,
  );
}

/**
 * Cuts the power; what was seen open until the host had booted, and a little longer.
 *
 * @param stranger looks from addresses that the owner never came from.
 */
export async function rebooted({ vps, job }: Damaged, stranger = false): Promise<string[]> {
  const boots = await bootCount(vps);
  cutPowerNow(vps);
  const open = new Set<string>();
  const strangers = stranger ? [vps.otherClients[1], vps.otherClientsV6[0]] : [];
  let booted = false;
  const watch = async (address: string, port: number) => {
    while (!booted) {
      const sourceAddress = strangers[address.includes(':') ? 1 : 0];
      const { state } = await probeTcp({ address, port, sourceAddress, timeoutMilliseconds: 100 });
      if (state === 'open') open.add(`${port} of ${address} stood open`);
      await sleep(5);
    }
  };
  const watches = [vps.address, vps.addressV6].flatMap((address) =>
    [STRAY, job.posture.ssh.port].map((port) => watch(address, port)),
  );
  await waitForBoot(vps, { afterBoot: boots, timeoutSeconds: 60 });
  booted = true;
  await Promise.all(watches);
  return [...open];
}

/**
 * What is wrong with a host whose rules could not be loaded: something answers, or its owner does not get in.
 *
 * @param byKnock false where the owner's own addresses are let in without one.
 */
export async function faultsOf({ vps, job }: Damaged, byKnock = true): Promise<string[]> {
  const faults: string[] = [];
  const stranger = vps.otherClients[1];
  // The other one is what the owner's own connections come from.
  const strangerV6 = vps.otherClientsV6[0];
  for (const [address, sourceAddress] of [
    [vps.address, stranger],
    [vps.addressV6, strangerV6],
  ] as const)
    for (const port of [STRAY, job.posture.ssh.port, job.posture.backup.port]) {
      const { state } = await probeTcp({ address, port, timeoutMilliseconds: 300, sourceAddress });
      if (state !== 'silent') faults.push(`port ${port} of ${address} is ${state} to a stranger`);
    }
  for (const address of [vps.address, vps.addressV6]) {
    if (byKnock && (await front(vps, job, { address })) !== 'silent')
      faults.push(`${address} is open without a knock`);
    const opens = byKnock
      ? await knockedOpen(vps, job, { address })
      : (await front(vps, job, { address })) === 'open';
    if (!opens) {
      faults.push(`nobody gets in at ${address}`);
      continue;
    }
    const login = await ssh(vps, ['sudo', 'id', '-u'], { address, user: job.posture.admin.user });
    if (login.stdout !== '0\n') faults.push(`the login at ${address} fails: ${login.stderr}`);
  }
  return faults;
}

/** What a host answers to packets that are no plain connection, over both families. */
export async function answersOf({ vps }: Damaged): Promise<string[]> {
  await unlimitIcmpErrors(vps);
  const seen = await Promise.all(
    [
      { address: vps.address, source: vps.otherClients[1] ?? '' },
      { address: vps.addressV6, source: vps.otherClientsV6[0] ?? '' },
    ].map((view) => oddAnswers(view, { port: STRAY })),
  );
  return seen.flatMap(({ answers }) => answers);
}
