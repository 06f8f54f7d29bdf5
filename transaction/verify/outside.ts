import type { Sequence } from '../../posture/knock/sequence.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Way } from '../../remote/ssh/way.ts';
import { expectSilence, silentPorts } from './closed.ts';
import { awaitExpiry, closeDoor, openDoor, tryOldSequence, tryReplay, tryWrongSequence } from './door.ts';
import { type Evidence, Witness } from './evidence.ts';
import { lookAtKept } from './kept-ports.ts';
import { expectCodeNeeded, expectLogin, expectSession } from './login.ts';
import { expectEcho, expectServices } from './services.ts';
import type { View } from './view.ts';

/** Seconds a timed door is held open while its closing is measured. */
export const SHORT_SECONDS = 1;

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
  /** Who the kernel has on its list of knockers now. */
  readonly knockers: () => Promise<string[]>;
  /** Sets the time of a timed door; undefined for a held one, which only the closing sequence shuts. */
  readonly timer: DoorTimer | undefined;
}

/** How the kernel's time on the door is set while its closing is measured. */
export interface DoorTimer {
  /** To {@link SHORT_SECONDS}. */
  readonly shorten: () => Promise<void>;
  /** Back to the posture's. */
  readonly restore: () => Promise<void>;
  /** Takes whoever knocked off the list. */
  readonly forget: () => Promise<void>;
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
    tryWrongSequence(view, witness),
  ]);
  if (!view.hears) {
    await echo();
    return { evidence: witness.evidence, session: undefined };
  }
  if (options.replaced !== undefined) await tryOldSequence(view, witness, options.replaced);
  const { knocked, packets } = await openDoor(view, witness);
  const [session] = await Promise.all([
    options.stay ? expectSession(options.way, witness) : expectLogin(options.way, witness),
    expectCodeNeeded(options.way, witness),
    expectKnockerListed(view, witness, options),
  ]);
  try {
    await expectClosing(view, witness, options.timer, knocked);
    await tryReplay(view, witness, packets, () => shut(view, witness, options.timer));
    await echo();
  } catch (error) {
    await session?.close();
    throw error;
  }
  return { evidence: witness.evidence, session: session ?? undefined };
}

/**
 * The door that stands open closes by the kernel's clock and by the closing sequence. One knock serves both: with the
 * time shortened it is over, with the configured time back the same knock counts again, until the closing one.
 */
async function expectClosing(
  view: View,
  witness: Witness,
  timer: DoorTimer | undefined,
  knocked: number,
): Promise<void> {
  if (timer !== undefined) {
    await timer.shorten();
    await awaitExpiry(view, witness, { seconds: SHORT_SECONDS, knocked });
    if (view.sequences.close === null) await timer.forget();
    await timer.restore();
  }
  await closeDoor(view, witness);
}

/** Shuts the door for everybody, however it is shut. */
async function shut(view: View, witness: Witness, timer: DoorTimer | undefined): Promise<void> {
  if (view.sequences.close === null) await timer?.forget();
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

/** The list of the kernel's own that decides: the deployer is on it. Others may be there from earlier knocks. */
async function expectKnockerListed(
  view: View,
  witness: Witness,
  { knockers, source, timer }: OutsideOptions,
): Promise<void> {
  if (timer === undefined) return;
  const listed = (await knockers()).filter((address) => address.includes(':') === (view.family === 6));
  const others = listed.filter((address) => expand(address) !== expand(source));
  const known = others.length < listed.length;
  const seen = `${known ? source : 'not the knocker'}${others.length === 0 ? '' : `, and earlier ${others.join(', ')}`}`;
  witness.saw('addresses that the host lets in', `${source}, which knocked`, seen, known);
}

/** One spelling for each IPv6 address; the kernel prints all its zeros. */
function expand(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(':');
}
