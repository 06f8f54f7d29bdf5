import type { Evidence } from './verify/evidence.ts';

/** A host after a change that was committed and sealed. */
export interface Sealed {
  /** When the host closed its backup door, in UTC (ISO 8601). */
  readonly sealedAt: string;
  /** Id of the change that did it; the host keeps it, too. */
  readonly change: string;
  /** Public host keys now in force, `type base64`. */
  readonly hostKeys: readonly string[];
  readonly verifiedV6: boolean;
  /** What was not looked at, and why, as sentences; empty: all that the posture promises was. */
  readonly unverified: readonly string[];
  readonly evidence: readonly Evidence[];
}
