import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../../posture/knock/sequence.ts';
import type { Witness } from './evidence.ts';
import type { View } from './view.ts';

/** How long a knock daemon may take from the last knock to the open door, in milliseconds. */
const REACTION = 1500;

/**
 * Knocks until the front door stands open; gives up after the posture's `verify.attempts`.
 *
 * @returns when it was found open, as `performance.now()` says.
 */
export async function openDoor(view: View, witness: Witness): Promise<number> {
  const { attempts } = view.posture.verify;
  const begin = performance.now();
  for (let attempt = 1; attempt <= attempts; attempt++) {
    await knock(view, view.sequences.open);
    if (await opens(view, REACTION)) {
      const seen = `open after ${attempt === 1 ? '1 knock' : `${attempt} knocks`}, ${Math.round(performance.now() - begin)} ms`;
      witness.saw(`ssh port ${view.posture.ssh.port} after the right sequence`, 'open', seen, true);
      return performance.now();
    }
  }
  witness.saw(
    `ssh port ${view.posture.ssh.port} after the right sequence`,
    'open',
    `still closed after ${attempts} tries`,
    false,
  );
  return performance.now();
}

/** The same ports in another order: what a scanner may hit upon. */
export async function tryWrongSequence(view: View, witness: Witness): Promise<void> {
  const [first, second, ...rest] = view.sequences.open;
  if (first === undefined || second === undefined) return;
  // Swapping the first two leaves no daemon half-way through the right sequence.
  await knock(view, [second, first, ...rest]);
  await expectClosed(view, witness, 'after a wrong sequence');
}

/** Some other sequence that must open nothing, such as one that was replaced. */
export async function tryOldSequence(view: View, witness: Witness, old: Sequence): Promise<void> {
  await knock(view, old);
  await expectClosed(view, witness, 'after the old sequence');
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
  for (let attempt = 1; attempt <= view.posture.verify.attempts; attempt++) {
    await knock(view, close);
    if (await closes(view, REACTION)) {
      witness.saw(
        `ssh port ${view.posture.ssh.port} after the closing sequence`,
        'silent',
        `silent after ${attempt === 1 ? '1 knock' : `${attempt} knocks`}`,
        true,
      );
      return;
    }
  }
  witness.saw(`ssh port ${view.posture.ssh.port} after the closing sequence`, 'silent', 'still open', false);
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
  const closed = await closes(view, seconds * 1000 + REACTION);
  const took = ((performance.now() - begin) / 1000).toFixed(1);
  witness.saw(
    `ssh port ${view.posture.ssh.port} when the time of the knock is over (${seconds} s for this check, then ${view.posture.knock.openSeconds} s again)`,
    'closed by the kernel',
    closed ? `silent after ${took} s` : `still open after ${took} s`,
    closed,
  );
}

async function expectClosed(view: View, witness: Witness, when: string): Promise<void> {
  const { state } = await probe(view, view.silence);
  witness.saw(`ssh port ${view.posture.ssh.port} ${when}`, 'silent', state, state === 'silent');
}

function knock({ address, vantage, alone }: View, sequence: Sequence): Promise<void> {
  return alone(() => vantage.knock(address, sequence));
}

function probe(view: View, timeoutMilliseconds: number) {
  return view.vantage.probeTcp(view.address, view.posture.ssh.port, timeoutMilliseconds);
}

/** Short probes, because each is one SYN: one that came a moment too early would wait a second for its repetition. */
async function opens(view: View, within: number): Promise<boolean> {
  const end = performance.now() + within;
  for (let patience = 60; performance.now() < end; patience = Math.min(patience * 2, 1000)) {
    const { state } = await probe(view, patience);
    if (state === 'open') return true;
  }
  return false;
}

async function closes(view: View, within: number): Promise<boolean> {
  const end = performance.now() + within;
  while (performance.now() < end) {
    const { state } = await probe(view, view.silence);
    if (state === 'silent') return true;
    await sleep(50);
  }
  return false;
}
