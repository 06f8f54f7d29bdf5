import type { Posture } from '../schema/posture.ts';
import type { Sequence, Sequences } from './sequence.ts';

/** What can listen for knocks on a host. */
export type EngineName = Posture['knock']['engine'];

/** The system that a host says it is: `ID` and `VERSION_ID` of os-release(5), such as `debian` and `12`. */
export interface KnownSystem {
  readonly os: string;
  readonly version: string;
}

/**
 * One knock engine: all that the rest of Postern asks about it, so that nobody else compares its name. What brings it into
 * force on the host is `transaction/server/knock/<name>.sh`.
 */
export interface KnockEngine {
  /** What opens the door: knocks at ports, in order, or one signed packet that is good once. */
  readonly secret: 'sequence' | 'packet';
  /** Why a system cannot have it, as the rest of a sentence that begins with the engine's name; undefined: it can. */
  readonly unsupported: (system: KnownSystem) => string | undefined;
  /**
   * Who of it hears no knock over IPv6, so that the front door stays shut over it, for a sentence; undefined: it hears them.
   * Without a system: on whichever.
   */
  readonly deafOverIpv6: (system?: KnownSystem) => string | undefined;
  /** It listens on one interface; the kernel's counters look at all. */
  readonly needsInterface: boolean;
  /**
   * Milliseconds from a knock until the firewall is told. Measured: docs/decisions/0050-how-long-a-door-may-take.md.
   */
  readonly openLatency: number;
  /** The firewall opens by itself; no program of the door runs, and the backend's own latency does not count. */
  readonly opensInKernel: boolean;
  /** It is quick enough that what must open nothing can be tried while a timed door is open: an opening would keep it open. */
  readonly checksMayOverlap: boolean;
  /** Seconds that the clocks of host and client may differ by; undefined: it needs no clock. */
  readonly clockTolerance: number | undefined;
  /** The program that the knocking machine needs besides Postern; undefined: none. */
  readonly client: 'fwknop' | undefined;
  /** The unit to look at on a host that hears knocks and does not open: its daemon, or what loads its rules. */
  readonly unit: string;
  /** That it is at work, for a sentence: `knockd runs`. */
  readonly atWork: string;
  /** Packages of the distribution that it needs. */
  readonly packages: readonly string[];
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
