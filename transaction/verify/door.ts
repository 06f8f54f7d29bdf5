import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { freshKeys } from '../../posture/knock/spa.ts';
import { awaitOpen, awaitSilence, type Door, knockUntil, REACTION } from '../../remote/door.ts';
import { packetsOf } from '../../remote/spa.ts';
import type { Witness } from './evidence.ts';
import type { View } from './view.ts';

/** Milliseconds in which a daemon would have opened a door that it was wrongly knocked at. */
const DAEMON_REACTION = 400;

/** The front door was knocked open. */
export interface OpenedDoor {
  /** When it was found open, as `performance.now()` says. */
  readonly knocked: number;
  /** What was sent last, as it left. Secret. */
  readonly packets: Sequence;
}

/** Knocks until the front door stands open; gives up after the posture's `verify.attempts`. */
export async function openDoor(view: View, witness: Witness): Promise<OpenedDoor> {
  const { attempts } = view.posture.verify;
  let packets: Sequence = [];
  const knocked = await knockUntil({
    sequence: view.sequences.open,
    send: async (knocks, gap) => {
      packets = await packetsOf(knocks);
      await knock(view, packets, gap);
    },
    look: async () => ((await awaitOpen(doorOf(view))) === 'open' ? true : undefined),
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

/** A single packet that opened the door opens nothing when it is sent again; a sequence always does. */
export async function tryReplay(view: View, witness: Witness, packets: Sequence): Promise<void> {
  if (packets.every(({ payload }) => payload === undefined)) return;
  await knockInVain(view, witness, packets, 'after the packet that opened it was sent again');
}

function times(knocks: number): string {
  return knocks === 1 ? '1 knock' : `${knocks} knocks`;
}

/** The same ports in another order: what a scanner may hit upon. A single packet is made with wrong keys. */
export async function tryWrongSequence(view: View, witness: Witness): Promise<void> {
  const [first, second, ...rest] = view.sequences.open;
  if (first?.spa !== undefined) {
    const forged = { ...first, spa: freshKeys((below) => randomInt(below)) };
    return knockInVain(view, witness, [forged], 'after a packet made with wrong keys');
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
    look: async () => ((await awaitSilence(doorOf(view), view.silence)) === 'silent' ? true : undefined),
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
  const closed = (await awaitSilence(doorOf(view), view.silence, seconds * 1000 + REACTION)) === 'silent';
  const took = ((performance.now() - begin) / 1000).toFixed(1);
  witness.saw(
    `ssh port ${view.posture.ssh.port} when the time of the knock is over (${seconds} s for this check, then ${view.posture.knock.openSeconds} s again)`,
    'closed by the kernel',
    closed ? `silent after ${took} s` : `still open after ${took} s`,
    closed,
  );
}

/** What must open nothing. Looked at several times: one look would be there before the daemon that is to do nothing. */
async function knockInVain(view: View, witness: Witness, knocks: Sequence, when: string): Promise<void> {
  await knock(view, knocks);
  // fwknopd looks for packets some ten times a second.
  if (knocks.some(({ spa, payload }) => spa !== undefined || payload !== undefined))
    await sleep(DAEMON_REACTION);
  const state = await awaitOpen(doorOf(view), Math.max(view.silence, DAEMON_REACTION));
  witness.saw(`ssh port ${view.posture.ssh.port} ${when}`, 'silent', state, state === 'silent');
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
