import type { BackendName } from '../firewall/backend.ts';
import type { Posture } from '../schema/posture.ts';

/** Kinds of operating system that Postern renders for. */
export type SystemName = NonNullable<Posture['system']>;

/**
 * What a family of systems calls the things that every posture has. Everything is rendered in Debian's words and
 * translated at the end; what else differs on the host is `transaction/server/system/<name>.sh`.
 */
export interface HostSystem {
  /** The firewall that it comes with; a configuration that names none means it. */
  readonly backend: BackendName;
  /** Whether the other firewalls are rendered for it as well. */
  readonly otherBackends: boolean;
  /** Packages that bring what these packages of Debian's bring. */
  readonly packages: (debian: readonly string[]) => string[];
  /** The path of a file that Debian has at this path. */
  readonly path: (debian: string) => string;
  /** The systemd unit that Debian calls so. */
  readonly unit: (debian: string) => string;
  /** A file's text, where Debian has it at this path with this text. */
  readonly content: (path: string, text: string) => string;
  /** What SELinux has to be told so that sshd may listen on its port, as commands; for review, the host asks first. */
  readonly labels: (posture: Posture) => string[];
}
