import type { Sequence } from '../../posture/knock/sequence.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Way } from '../../remote/ssh/way.ts';
import { expectSilence, silentPorts } from './closed.ts';
import { awaitExpiry, closeDoor, type OpenedDoor, openDoor } from './door.ts';
import { type Evidence, Witness } from './evidence.ts';
import { judgePassing, knockInPassing } from './in-passing.ts';
import { type InVain, inVain, tryInVain, tryReplay } from './in-vain.ts';
import { lookAtKept } from './kept-ports.ts';
import { expectListed } from './knockers.ts';
import { expectCodeNeeded, expectLogin, expectSession } from './login.ts';
import { expectEcho, expectServices } from './services.ts';
import { type DoorTimer, SHORT_SECONDS } from './timer.ts';
import type { View } from './view.ts';

/** What the outside check needs besides the view. */
export interface OutsideOptions {
  /** The way in through the front door, for the administrator. */
  readonly way: Way;
  /** Keep the session that comes in through the front door: it commits the change. */
  readonly stay: boolean;
  /** The deployer's own address, for rules that admit networks. */
  readonly source: string;
  /** An earlier opening sequence, which must open nothing any more. */
  readonly replaced: Sequence | undefined;
  /** Sets the time of a timed door; undefined for a held one, which only the closing sequence shuts. */
  readonly timer: DoorTimer | undefined;
}

/** What was seen over one family, and the session that was kept. */
export interface Outside {
  readonly evidence: readonly Evidence[];
  readonly session: Session | undefined;
}

/** Both signs of the proof over one address family; the order matters, because each step relies on the one before. */
export async function verifyOutside(view: View, options: OutsideOptions): Promise<Outside> {
  const witness = new Witness(view.family);
  // Ping takes a second to be silent; the rest need not wait for it.
  const echo = settledLater(expectEcho(view, witness));
  await Promise.all([
    expectSilence(view, witness, silentPorts(view), 'before a knock'),
    expectServices(view, witness, options.source),
    lookAtKept(view, witness),
  ]);
  const tries = inVain(view, options.replaced);
  if (!view.hears) {
    await tryInVain(view, witness, tries);
    await echo();
    return { evidence: witness.evidence, session: undefined };
  }
  const opened = await openDoor(view, witness);
  const coming = options.stay ? expectSession(options.way, witness) : expectLogin(options.way, witness);
  try {
    const [session] = await Promise.all([coming, expectCodeNeeded(options.way, witness)]);
    const untold = await expectClosing(view, witness, options.timer, opened, tries);
    await tryInVain(view, witness, untold, opened.reaction);
    await tryReplay(view, witness, opened.packets, () => shut(view, witness, options.timer));
    await echo();
    return { evidence: witness.evidence, session: session ?? undefined };
  } catch (error) {
    const session = await coming.catch(() => undefined);
    await session?.close();
    throw error;
  }
}

/**
 * The door that stands open closes by the kernel's clock and by the closing sequence. One knock serves both: with the
 * time shortened it is over, with the configured time back the same knock counts again, until the closing one.
 *
 * @returns those of `tries` of which is not known yet that they open nothing.
 */
async function expectClosing(
  view: View,
  witness: Witness,
  timer: DoorTimer | undefined,
  { knocked, reaction }: OpenedDoor,
  tries: readonly InVain[],
): Promise<readonly InVain[]> {
  let untold = tries;
  if (timer !== undefined) {
    expectListed(view, witness, await timer.shorten(view.family));
    const passing = await knockInPassing(view, tries, reaction);
    const looked = await awaitExpiry(view, witness, {
      seconds: SHORT_SECONDS,
      knocked,
      notBefore: passing?.shows ?? 0,
      suspects: passing === undefined ? [] : tries.map(({ what }) => what),
    });
    untold = judgePassing(view, witness, tries, passing, looked);
    await timer.restore(view.family);
  }
  await closeDoor(view, witness);
  return untold;
}

/** Shuts the door for everybody, however it is shut. */
async function shut(view: View, witness: Witness, timer: DoorTimer | undefined): Promise<void> {
  if (view.sequences.close === null) await timer?.forget(view.family);
  else await closeDoor(view, witness);
}

/** Lets a check run on; its failure is thrown where it is awaited, not before. */
function settledLater(check: Promise<void>): () => Promise<void> {
  const result = check.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  return async () => {
    const failed = await result;
    if (failed !== undefined) throw failed.error;
  };
}
