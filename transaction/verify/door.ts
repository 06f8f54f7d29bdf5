import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knock, Sequence } from '../../posture/knock/sequence.ts';
import { freshKeys } from '../../posture/knock/spa.ts';
import { awaitOpen, awaitSilence, type Door, knockUntil, REACTION } from '../../remote/door.ts';
import { defaultGap } from '../../remote/knock.ts';
import type { TcpState } from '../../remote/probe.ts';
import { packetsOf } from '../../remote/spa.ts';
import type { Witness } from './evidence.ts';
import { DAEMON_REACTION, reactionOf } from './reaction.ts';
import type { View } from './view.ts';

/** How often a packet that must open nothing is sent: one that is lost on its way proves nothing. */
const COPIES = 3;

/** Milliseconds between two single packets: fwknopd looks ten times a second, and takes the last of those it finds. */
const PACKET_GAP = 120;

/** The front door was knocked open. */
export interface OpenedDoor {
  /** When it was found open, as `performance.now()` says. */
  readonly knocked: number;
  /** The single packets that were sent, as they left, one for each try; the last need not be the one that opened. Secret. */
  readonly packets: Sequence;
}

/** Knocks until the front door stands open; gives up after the posture's `verify.attempts`. */
export async function openDoor(view: View, witness: Witness): Promise<OpenedDoor> {
  const { attempts } = view.posture.verify;
  const packets: Knock[] = [];
  const knocked = await knockUntil({
    sequence: view.sequences.open,
    send: async (knocks, gap) => {
      const sent = await packetsOf(knocks);
      packets.push(...sent.filter(({ payload }) => payload !== undefined));
      await knock(view, sent, gap);
    },
    look: async () => ((await awaitOpen(doorOf(view), patience(view))) === 'open' ? true : undefined),
    attempts,
    gap: view.gap,
  });
  const seen =
    knocked === undefined
      ? `still closed after ${attempts} tries`
      : `open after ${times(knocked.knocks)}, ${knocked.milliseconds} ms`;
  witness.saw(
    `ssh port ${view.posture.ssh.port} after the right sequence`,
    'open',
    seen,
    knocked !== undefined,
  );
  return { knocked: performance.now(), packets };
}

/**
 * A single packet that opened the door opens nothing when it is sent again; a sequence always does. After several tries
 * nobody can tell which packet opened, and one that was lost or late may still do so, once: so all are delivered before.
 *
 * @param shut shuts the door for everybody.
 */
export async function tryReplay(
  view: View,
  witness: Witness,
  packets: Sequence,
  shut: () => Promise<void>,
): Promise<void> {
  if (packets.length === 0) return;
  if (packets.length > 1 && (await opensAfter(view, packets)) === 'open') await shut();
  const what = packets.length === 1 ? 'the packet that opened it was' : `all ${packets.length} packets were`;
  await knockInVain(view, witness, packets, `after ${what} sent again, ${COPIES} times`);
}

function times(knocks: number): string {
  return knocks === 1 ? '1 knock' : `${knocks} knocks`;
}

/** The same ports in another order: what a scanner may hit upon. A single packet is made with wrong keys. */
export async function tryWrongSequence(view: View, witness: Witness): Promise<void> {
  const [first, second, ...rest] = view.sequences.open;
  if (first?.spa !== undefined) {
    const forged = { ...first, spa: freshKeys((below) => randomInt(below)) };
    return knockInVain(view, witness, [forged], `after a packet made with wrong keys, ${COPIES} times`);
  }
  if (first === undefined || second === undefined) return;
  // Swapping the first two leaves no daemon half-way through the right sequence.
  await knockInVain(view, witness, [second, first, ...rest], 'after a wrong sequence');
}

/** Some other sequence that must open nothing, such as one that was replaced. */
export async function tryOldSequence(view: View, witness: Witness, old: Sequence): Promise<void> {
  await knockInVain(view, witness, old, 'after the old sequence');
}

/** The closing sequence shuts the door for this source. */
export async function closeDoor(view: View, witness: Witness): Promise<void> {
  const { close } = view.sequences;
  if (close === null) return;
  const { state } = await probe(view, 1000);
  witness.saw(
    `ssh port ${view.posture.ssh.port} before the closing sequence`,
    'open',
    state,
    state === 'open',
  );
  const knocked = await knockUntil({
    sequence: close,
    send: (knocks, gap) => knock(view, knocks, gap),
    look: async () =>
      (await awaitSilence(doorOf(view), view.hush, patience(view))) === 'silent' ? true : undefined,
    attempts: view.posture.verify.attempts,
    gap: view.gap,
  });
  witness.saw(
    `ssh port ${view.posture.ssh.port} after the closing sequence`,
    'silent',
    knocked === undefined ? 'still open' : `silent after ${times(knocked.knocks)}`,
    knocked !== undefined,
  );
}

/**
 * The kernel shuts a timed door, whose time was set to `seconds` for this measurement, without anybody's help.
 *
 * @param knocked when the door was knocked open, as `performance.now()` says.
 */
export async function awaitExpiry(
  view: View,
  witness: Witness,
  { seconds, knocked }: { readonly seconds: number; readonly knocked: number },
): Promise<void> {
  const begin = performance.now();
  // No look before it can be over: each costs an open door's sshd a process. The kernel counts from the knock.
  await sleep(Math.max(0, knocked + seconds * 1000 - begin));
  const closed = (await awaitSilence(doorOf(view), view.hush, seconds * 1000 + REACTION)) === 'silent';
  const took = ((performance.now() - begin) / 1000).toFixed(1);
  witness.saw(
    `ssh port ${view.posture.ssh.port} when the time of the knock is over (${seconds} s for this check, then ${view.posture.knock.openSeconds} s again)`,
    'closed by the kernel',
    closed ? `silent after ${took} s` : `still open after ${took} s`,
    closed,
  );
}

async function knockInVain(view: View, witness: Witness, knocks: Sequence, when: string): Promise<void> {
  const state = await opensAfter(view, knocks);
  witness.saw(`ssh port ${view.posture.ssh.port} ${when}`, 'silent', state, state === 'silent');
}

/**
 * What the front door is after knocks that are to open nothing. Looked at several times: one look would be there before
 * the daemon that is to do nothing. Sent as over a path that nothing is known of: what arrives in another order may be
 * right.
 */
async function opensAfter(view: View, knocks: Sequence): Promise<TcpState> {
  const packets = await packetsOf(knocks);
  const single = packets.some(({ payload }) => payload !== undefined);
  const copies = packets.flatMap((packet) => Array.from({ length: single ? COPIES : 1 }, () => packet));
  await knock(view, copies, single ? PACKET_GAP : defaultGap);
  // The looks take some of the time; fwknopd needs some more, and whichever copy arrives first decides.
  const elsewhere = single ? PACKET_GAP * (COPIES - 1) : DAEMON_REACTION;
  await sleep(reactionOf(view.posture) - elsewhere);
  return awaitOpen(doorOf(view), Math.max(view.silence, DAEMON_REACTION));
}

/** How long a door may take to open or to close once it was knocked at, in milliseconds. */
function patience({ posture }: View): number {
  return Math.max(REACTION, reactionOf(posture));
}

function knock(
  { address, vantage, alone, gap }: View,
  sequence: Sequence,
  gapMilliseconds = gap,
): Promise<void> {
  return alone(() => vantage.knock(address, sequence, gapMilliseconds));
}

function doorOf({ vantage, address, posture }: View): Door {
  return { vantage, address, port: posture.ssh.port };
}

function probe(view: View, timeoutMilliseconds: number) {
  return view.vantage.probeTcp(view.address, view.posture.ssh.port, timeoutMilliseconds);
}
