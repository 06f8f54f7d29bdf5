import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { freshKeys } from '../../posture/knock/spa.ts';
import { defaultGap } from '../../remote/knock.ts';
import type { TcpState } from '../../remote/probe.ts';
import { packetsOf } from '../../remote/spa.ts';
import { knock } from './door.ts';
import type { EvidenceLog } from './evidence.ts';
import { openLatency } from './open-latency.ts';
import type { View } from './view.ts';

/** How often a packet that must open nothing is sent: one that is lost on its way proves nothing. */
const COPIES = 3;

/** Milliseconds between two single packets: fwknopd looks ten times a second, and takes the last of those it finds. */
const PACKET_GAP = 120;

/** Knocks that must open nothing. */
export interface NegativeCheck {
  /** Secret. */
  readonly knocks: Sequence;
  /** What they are, in words. */
  readonly what: string;
}

/**
 * What must open nothing: the right ports in another order, which a scanner may hit upon, or a single packet that is made
 * with wrong keys; and the sequence that was replaced, if one was.
 */
export function negativeChecks({ sequences }: View, replaced: Sequence | undefined): NegativeCheck[] {
  const [first, second, ...rest] = sequences.open;
  const old = replaced === undefined ? [] : [{ knocks: replaced, what: 'the old sequence' }];
  if (first?.spa !== undefined) {
    const forged = { ...first, spa: freshKeys((below) => randomInt(below)) };
    return [{ knocks: [forged], what: `a packet made with wrong keys, ${COPIES} times` }, ...old];
  }
  if (first === undefined || second === undefined) return old;
  // Swapping the first two leaves no daemon half-way through the right sequence.
  return [{ knocks: [second, first, ...rest], what: 'a wrong sequence' }, ...old];
}

/**
 * Tries them one after another at the shut door.
 *
 * @param latency milliseconds that the host took to open for the right sequence, where that is known.
 */
export async function expectStillClosed(
  view: View,
  log: EvidenceLog,
  tries: readonly NegativeCheck[],
  latency = 0,
): Promise<void> {
  for (const { knocks, what } of tries)
    sawShut(
      view,
      log,
      what,
      await opensAfter(view, knocks, Math.max(2 * latency, view.slowness * openLatency(view.posture))),
    );
}

/**
 * A single packet that opened the door opens nothing when it is sent again; a sequence always does. After several tries
 * nobody can tell which packet opened, and one that was lost or late may still do so, once: so all are delivered before.
 *
 * @param shut shuts the door for everybody.
 */
export async function expectReplayIgnored(
  view: View,
  log: EvidenceLog,
  packets: Sequence,
  shut: () => Promise<void>,
): Promise<void> {
  if (packets.length === 0) return;
  if (packets.length > 1 && (await opensAfter(view, packets)) === 'open') await shut();
  const which = packets.length === 1 ? 'the packet that opened it was' : `all ${packets.length} packets were`;
  const state = await opensAfter(view, packets);
  sawShut(view, log, `${which} sent again, ${COPIES} times`, state);
}

function sawShut({ posture }: View, log: EvidenceLog, what: string, state: TcpState): void {
  log.record(`ssh port ${posture.ssh.port} after ${what}`, 'silent', state, state === 'silent', true);
}

/**
 * What the front door is after knocks that are to open nothing. Looked at when the host had the time to open, and not
 * before: a look is one SYN, and tells nothing of what comes after it. Sent as over a path that nothing is known of: what arrives in another order may be
 * right.
 */
async function opensAfter(
  view: View,
  knocks: Sequence,
  latency = view.slowness * openLatency(view.posture),
): Promise<TcpState> {
  const packets = await packetsOf(knocks);
  const single = packets.some(({ payload }) => payload !== undefined);
  const copies = packets.flatMap((packet) => Array.from({ length: single ? COPIES : 1 }, () => packet));
  await knock(view, copies, single ? PACKET_GAP : defaultGap);
  // Whichever copy arrives first decides.
  await sleep(latency - (single ? PACKET_GAP * (COPIES - 1) : 0));
  const { state } = await view.vantage.probeTcp(view.address, view.posture.ssh.port, view.silenceTimeout);
  return state;
}
