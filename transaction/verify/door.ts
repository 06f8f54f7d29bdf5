import { setTimeout as sleep } from 'node:timers/promises';
import type { Knock, Sequence } from '../../posture/knock/sequence.ts';
import {
  awaitOpen,
  awaitSilence,
  type KnockedPort,
  knockUntil,
  lookUntilSilent,
  OPEN_LATENCY,
} from '../../remote/door.ts';
import { packetsOf } from '../../remote/spa.ts';
import type { EvidenceLog } from './evidence.ts';
import { openLatency } from './open-latency.ts';
import type { View } from './view.ts';

/** The front door was knocked open. */
export interface OpenedDoor {
  /** When it was found open, as `performance.now()` says. */
  readonly knocked: number;
  /** Milliseconds from the first packet of the try that opened it until it was found open. */
  readonly latency: number;
  /** The single packets that were sent, as they left, one for each try; the last need not be the one that opened. Secret. */
  readonly packets: Sequence;
}

/** Knocks until the front door stands open; gives up after the posture's `verify.attempts`. */
export async function knockDoorOpen(view: View, log: EvidenceLog): Promise<OpenedDoor> {
  const { attempts } = view.posture.verify;
  const packets: Knock[] = [];
  let sending = 0;
  const knocked = await knockUntil({
    sequence: view.sequences.open,
    send: async (knocks, gap) => {
      const sent = await packetsOf(knocks);
      packets.push(...sent.filter(({ payload }) => payload !== undefined));
      sending = await knock(view, sent, gap);
    },
    check: async () => ((await awaitOpen(doorOf(view), doorTimeout(view))) === 'open' ? true : undefined),
    attempts,
    gap: view.gap,
  });
  const seen =
    knocked === undefined
      ? `still closed after ${attempts} tries`
      : `open after ${times(knocked.knocks)}, ${knocked.milliseconds} ms`;
  log.record(
    `ssh port ${view.posture.ssh.port} after the right sequence`,
    'open',
    seen,
    knocked !== undefined,
  );
  const now = performance.now();
  return { knocked: now, latency: now - sending, packets };
}

function times(knocks: number): string {
  return knocks === 1 ? '1 knock' : `${knocks} knocks`;
}

/** The closing sequence shuts the door for this source. */
export async function knockDoorClosed(view: View, log: EvidenceLog): Promise<void> {
  const { close } = view.sequences;
  if (close === null) return;
  const { state } = await probe(view, 1000);
  log.record(
    `ssh port ${view.posture.ssh.port} before the closing sequence`,
    'open',
    state,
    state === 'open',
    true,
  );
  const knocked = await knockUntil({
    sequence: close,
    send: async (knocks, gap) => {
      await knock(view, knocks, gap);
    },
    check: async () =>
      (await awaitSilence(doorOf(view), view.recheckTimeout, doorTimeout(view))) === 'silent'
        ? true
        : undefined,
    attempts: view.posture.verify.attempts,
    gap: view.gap,
  });
  log.record(
    `ssh port ${view.posture.ssh.port} after the closing sequence`,
    'silent',
    knocked === undefined ? 'still open' : `silent after ${times(knocked.knocks)}`,
    knocked !== undefined,
    true,
  );
}

/** When a timed door is to be shut. */
export interface Expiry {
  /** How long the kernel keeps it open now. */
  readonly seconds: number;
  /** When it was knocked open, as `performance.now()` says. */
  readonly knocked: number;
  /** Before which it is not looked at, in the same time. */
  readonly notBefore: number;
  /** What was sent meanwhile and should open nothing, in words. */
  readonly suspects: readonly string[];
}

/**
 * The kernel shuts a timed door, whose time was set to `seconds` for this measurement, without anybody's help.
 *
 * @returns when it was looked at and silent, as `performance.now()` says.
 */
export async function awaitExpiry(
  view: View,
  log: EvidenceLog,
  { seconds, knocked, notBefore, suspects }: Expiry,
): Promise<number> {
  const begin = performance.now();
  // No look before it can be over: each costs an open door's sshd a process. The kernel counts from the knock.
  const due = Math.max(knocked + seconds * 1000, notBefore);
  // Timers count whole milliseconds, and may be early by one.
  await sleep(Math.max(0, Math.ceil(due - begin) + 1));
  const { state, at } = await lookUntilSilent(
    doorOf(view),
    view.recheckTimeout,
    seconds * 1000 + view.slowness * OPEN_LATENCY,
  );
  const closed = state === 'silent';
  const took = ((performance.now() - begin) / 1000).toFixed(1);
  const again = suspects.length === 0 ? '' : `, or was opened again after ${suspects.join(' or after ')}`;
  log.record(
    `ssh port ${view.posture.ssh.port} when the time of the knock is over (${seconds} s for this check, then ${view.posture.knock.openSeconds} s again)`,
    'closed by the kernel',
    closed ? `silent after ${took} s` : `still open after ${took} s${again}`,
    closed,
    true,
  );
  return at;
}

/** How long a door may take to open or to close once it was knocked at, in milliseconds. */
function doorTimeout({ posture, slowness }: View): number {
  return slowness * Math.max(OPEN_LATENCY, openLatency(posture));
}

/** Knocks, when nobody else does; resolves to when it began to, as `performance.now()` says. */
export function knock(
  { address, vantage, serialize, gap }: View,
  sequence: Sequence,
  gapMilliseconds = gap,
): Promise<number> {
  return serialize(async () => {
    const begin = performance.now();
    await vantage.knock(address, sequence, gapMilliseconds);
    return begin;
  });
}

function doorOf({ vantage, address, roundTrip, posture }: View): KnockedPort {
  return { vantage, address, roundTrip, port: posture.ssh.port };
}

function probe(view: View, timeoutMilliseconds: number) {
  return view.vantage.probeTcp(view.address, view.posture.ssh.port, timeoutMilliseconds);
}
