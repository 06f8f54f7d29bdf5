import type { Posture } from '../schema/posture.ts';
import type { Sequence, Sequences } from './sequence.ts';

/** What can listen for knocks on a host. */
export type EngineName = Posture['knock']['engine'];

/**
 * One knock engine: what it means for a posture. What brings it into force on the host is
 * `transaction/server/knock/<name>.sh`.
 */
export interface KnockEngine {
  /** Packages of the distribution that it needs. */
  readonly packages: readonly string[];
  /** It hears knocks over IPv6; where it does not, the front door stays shut over it. */
  readonly ipv6: boolean;
  /** systemd units whose state a change to this engine, or away from it, may alter. */
  readonly units: readonly string[];
  /** Absolute paths that a change to this engine, or away from it, may write; those of {@link files} among them. */
  readonly paths: readonly string[];
  /** Files that the host gets as they are (mode 0600): absolute path → content. Secret: the sequences are in them. */
  readonly files: (posture: Posture, sequences: Sequences) => Readonly<Record<string, string>>;
  /** Ports whose packets end an attempt, so that a scan opens nothing; whatever passes the knocks has to pass them, too. */
  readonly decoys: (posture: Posture, sequences: Sequences) => Sequence;
  /** Those of the files that hold no secret, for review. */
  readonly review: (posture: Posture) => Readonly<Record<string, string>>;
}

/** How single packets' keys are to be made: for which UDP port, where that is not left to chance. */
export interface SingleOptions {
  readonly port?: number | undefined;
}

/** That of an engine which takes single packets; undefined where it takes sequences. */
export function singleOptions({
  engine,
  spaPort,
}: {
  readonly engine: string;
  readonly spaPort?: number | undefined;
}): SingleOptions | undefined {
  if (engine !== 'fwknop') return undefined;
  return spaPort === undefined ? {} : { port: spaPort };
}
