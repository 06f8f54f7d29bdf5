import type { Posture } from '../schema/posture.ts';

/** Kinds of firewall that Postern can configure on a host. */
export type BackendName = Posture['firewall']['backend'];

/**
 * One kind of firewall: what it means for a posture. What brings it into force on the host, and how a knock opens the
 * door there, are `transaction/server/firewall/<name>.sh` and `transaction/server/host/firewall/<name>.sh`.
 */
export interface FirewallBackend {
  /** What its rules and lists of knockers are made of; an engine that works in the kernel adds its own to them. */
  readonly mechanism: 'iptables' | 'nftables';
  /**
   * Milliseconds from the door's program being run until the door is open, timed or held; 0 where that only tells the
   * kernel. Measured: docs/decisions/0050-how-long-a-door-may-take.md.
   */
  readonly openLatency: Readonly<Record<Posture['knock']['door'], number>>;
  /** Packages of the distribution that it needs. */
  readonly packages: readonly string[];
  /** systemd units whose state a change to this firewall, or away from it, may alter. */
  readonly units: readonly string[];
  /** Absolute paths that a change to this firewall, or away from it, may write; those of {@link files} among them. */
  readonly paths: readonly string[];
  /** Files that the host gets as they are (mode 0600): absolute path → content. Nothing in them is secret. */
  readonly files: (posture: Posture) => Readonly<Record<string, string>>;
  /** The rules for ports that are open without a knock, in the firewall's own words, for review and for the host. */
  readonly rules: (posture: Posture) => string[];
}
