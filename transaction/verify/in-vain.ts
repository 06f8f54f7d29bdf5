import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { freshKeys } from '../../posture/knock/spa.ts';
import { defaultGap } from '../../remote/knock.ts';
import type { TcpState } from '../../remote/probe.ts';
import { packetsOf } from '../../remote/spa.ts';
import { knock } from './door.ts';
import type { Witness } from './evidence.ts';
import { reactionOf } from './reaction.ts';
import type { View } from './view.ts';

/** How often a packet that must open nothing is sent: one that is lost on its way proves nothing. */
const COPIES = 3;

/** Milliseconds between two single packets: fwknopd looks ten times a second, and takes the last of those it finds. */
const PACKET_GAP = 120;

/**
 * The same ports in another order: what a scanner may hit upon. A single packet is made with wrong keys.
 *
 * @param reaction milliseconds in which the host would have opened.
 */
export async function tryWrongSequence(view: View, witness: Witness, reaction?: number): Promise<void> {
  const [first, second, ...rest] = view.sequences.open;
  if (first?.spa !== undefined) {
    const forged = { ...first, spa: freshKeys((below) => randomInt(below)) };
    return knockInVain(
      view,
      witness,
      [forged],
      `after a packet made with wrong keys, ${COPIES} times`,
      reaction,
    );
  }
  if (first === undefined || second === undefined) return;
  // Swapping the first two leaves no daemon half-way through the right sequence.
  await knockInVain(view, witness, [second, first, ...rest], 'after a wrong sequence', reaction);
}

/** Some other sequence that must open nothing, such as one that was replaced; `reaction` as above. */
export async function tryOldSequence(
  view: View,
  witness: Witness,
  old: Sequence,
  reaction?: number,
): Promise<void> {
  await knockInVain(view, witness, old, 'after the old sequence', reaction);
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

/**
 * A host that took longer to open for the right sequence than the wrong ones were watched might open for them yet.
 *
 * @param reaction milliseconds that it took.
 */
export async function lookLonger(
  view: View,
  witness: Witness,
  replaced: Sequence | undefined,
  reaction: number,
): Promise<void> {
  if (reaction <= reactionOf(view.posture)) return;
  await tryWrongSequence(view, witness, 2 * reaction);
  if (replaced !== undefined) await tryOldSequence(view, witness, replaced, 2 * reaction);
}

async function knockInVain(
  view: View,
  witness: Witness,
  knocks: Sequence,
  when: string,
  reaction?: number,
): Promise<void> {
  const state = await opensAfter(view, knocks, reaction);
  witness.saw(`ssh port ${view.posture.ssh.port} ${when}`, 'silent', state, state === 'silent');
}

/**
 * What the front door is after knocks that are to open nothing. Looked at when the host had the time to open, and not
 * before: a look is one SYN, and tells nothing of what comes after it. Sent as over a path that nothing is known of: what arrives in another order may be
 * right.
 */
async function opensAfter(
  view: View,
  knocks: Sequence,
  reaction = reactionOf(view.posture),
): Promise<TcpState> {
  const packets = await packetsOf(knocks);
  const single = packets.some(({ payload }) => payload !== undefined);
  const copies = packets.flatMap((packet) => Array.from({ length: single ? COPIES : 1 }, () => packet));
  await knock(view, copies, single ? PACKET_GAP : defaultGap);
  // Whichever copy arrives first decides.
  await sleep(reaction - (single ? PACKET_GAP * (COPIES - 1) : 0));
  const { state } = await view.vantage.probeTcp(view.address, view.posture.ssh.port, view.silence);
  return state;
}
