import type { Sequence } from '../../posture/knock/sequence.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Way } from '../../remote/ssh/way.ts';
import { expectSilence, silentPorts } from './closed.ts';
import { awaitExpiry, closeDoor, openDoor, tryOldSequence, tryWrongSequence } from './door.ts';
import { type Evidence, Witness } from './evidence.ts';
import { expectKeysOnly, expectLogin, expectSession } from './login.ts';
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
  /** Shortens a timed door; undefined for a held one, which only the closing sequence shuts. */
  readonly shorten: (() => Promise<void>) | undefined;
}

/** What was seen over one family, and the session that was kept. */
export interface Outside {
  readonly evidence: readonly Evidence[];
  readonly session: Session | undefined;
}

/** Both signs of the proof over one address family; the order matters, because each step relies on the one before. */
export async function verifyOutside(view: View, options: OutsideOptions): Promise<Outside> {
  const witness = new Witness(view.family);
  await Promise.all([
    expectSilence(view, witness, silentPorts(view), 'before a knock'),
    expectServices(view, witness, options.source),
    expectEcho(view, witness),
  ]);
  await tryWrongSequence(view, witness);
  if (options.replaced !== undefined) await tryOldSequence(view, witness, options.replaced);
  await openDoor(view, witness);
  const [session] = await Promise.all([
    options.stay ? expectSession(options.way, witness) : expectLogin(options.way, witness),
    expectKeysOnly(options.way, witness),
    expectKnockerListed(view, witness, options),
  ]);
  try {
    await closeDoor(view, witness);
    if (options.shorten !== undefined) {
      await options.shorten();
      await openDoor(view, witness);
      await awaitExpiry(view, witness, SHORT_SECONDS);
    }
  } catch (error) {
    await session?.close();
    throw error;
  }
  return { evidence: witness.evidence, session: session ?? undefined };
}

/** The list of the kernel's own that decides: the deployer is on it. Others may be there from earlier knocks. */
async function expectKnockerListed(
  view: View,
  witness: Witness,
  { knockers, source, shorten }: OutsideOptions,
): Promise<void> {
  if (shorten === undefined) return;
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
