import type { Sequence } from '../../posture/knock/sequence.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { SshTarget } from '../../remote/ssh/target.ts';
import { awaitExpiry, knockDoorClosed, knockDoorOpen, type OpenedDoor } from './door.ts';
import { expectListed } from './door-list.ts';
import { type DoorTimeout, SHORT_SECONDS } from './door-timeout.ts';
import { type Evidence, EvidenceLog } from './evidence.ts';
import { probeForeignRulePorts } from './foreign-rule-ports.ts';
import { expectCodeNeeded, expectLogin, expectSession } from './login.ts';
import {
  expectReplayIgnored,
  expectStillClosed,
  type NegativeCheck,
  negativeChecks,
} from './negative-checks.ts';
import { recordOverlapped, sendOverlapped } from './overlapped-checks.ts';
import { expectEcho, expectServices } from './services.ts';
import { expectSilence, silentPorts } from './silent-ports.ts';
import type { View } from './view.ts';

/** What the outside check needs besides the view. */
export interface OutsideOptions {
  /** The way in through the front door, for the administrator. */
  readonly target: SshTarget;
  /** Keep the session that comes in through the front door: it commits the change. */
  readonly stay: boolean;
  /** The deployer's own address, for rules that admit networks. */
  readonly source: string;
  /** An earlier opening sequence, which must open nothing any more. */
  readonly replaced: Sequence | undefined;
  /** Sets the time of a timed door; undefined for a held one, which only the closing sequence shuts. */
  readonly timer: DoorTimeout | undefined;
}

/** What was seen over one family, and the session that was kept. */
export interface Outside {
  readonly evidence: readonly Evidence[];
  readonly session: Session | undefined;
}

/** Both signs of the proof over one address family; the order matters, because each step relies on the one before. */
export async function verifyOutside(view: View, options: OutsideOptions): Promise<Outside> {
  const log = new EvidenceLog(view.family);
  // Ping takes a second to be silent; the rest need not wait for it.
  const echo = settledLater(expectEcho(view, log));
  await Promise.all([
    expectSilence(view, log, silentPorts(view), 'before a knock'),
    expectServices(view, log, options.source),
    probeForeignRulePorts(view, log),
  ]);
  const tries = negativeChecks(view, options.replaced);
  if (!view.hears) {
    await expectStillClosed(view, log, tries);
    await echo();
    return { evidence: log.evidence, session: undefined };
  }
  const opened = await knockDoorOpen(view, log);
  const coming = options.stay ? expectSession(options.target, log) : expectLogin(options.target, log);
  try {
    const [session] = await Promise.all([coming, expectCodeNeeded(options.target, log)]);
    const untold = await expectClosing(view, log, options.timer, opened, tries);
    await expectStillClosed(view, log, untold, opened.latency);
    await expectReplayIgnored(view, log, opened.packets, () => shut(view, log, options.timer));
    await echo();
    return { evidence: log.evidence, session: session ?? undefined };
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
  log: EvidenceLog,
  timer: DoorTimeout | undefined,
  { knocked, latency }: OpenedDoor,
  tries: readonly NegativeCheck[],
): Promise<readonly NegativeCheck[]> {
  let untold = tries;
  if (timer !== undefined) {
    expectListed(view, log, await timer.shorten(view.family));
    const passing = await sendOverlapped(view, tries, latency);
    const looked = await awaitExpiry(view, log, {
      seconds: SHORT_SECONDS,
      knocked,
      notBefore: passing?.shows ?? 0,
      suspects: passing === undefined ? [] : tries.map(({ what }) => what),
    });
    untold = recordOverlapped(view, log, tries, passing, looked);
    await timer.restore(view.family);
  }
  await knockDoorClosed(view, log);
  return untold;
}

/** Shuts the door for everybody, however it is shut. */
async function shut(view: View, log: EvidenceLog, timer: DoorTimeout | undefined): Promise<void> {
  if (view.sequences.close === null) await timer?.forget(view.family);
  else await knockDoorClosed(view, log);
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
