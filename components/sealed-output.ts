/** One thing that was looked at from outside. */
export interface Evidence {
  readonly check: string;
  readonly family: string;
  readonly expected: string;
  readonly seen: string;
  readonly at: string;
}

/** What the outside check saw when a host was sealed, as `Hardening` gives it out. */
export interface SealedOutput {
  readonly sealedAt: string;
  /** Id of the change that sealed it; absent in states from before that was kept. */
  readonly change?: string;
  readonly hostKeys: string[];
  readonly verifiedV6: boolean;
  /** What was not looked at, and why; absent in states from before that was written down. */
  readonly unverified?: readonly string[];
  /** Which candidate was proven; absent in states from before there were any. */
  readonly candidate?: string;
  /** {@link Evidence} as one JSON text (docs/decisions/0060); a list in states older than that. */
  readonly evidence: string | readonly Evidence[];
}

/**
 * What was not looked at, and why, as sentences.
 *
 * @param addressV6 of the host; undefined: it has none.
 */
export function unverifiedOf(
  { unverified, verifiedV6 }: Pick<SealedOutput, 'unverified' | 'verifiedV6'>,
  addressV6: unknown,
): readonly string[] {
  if (unverified !== undefined) return unverified;
  return verifiedV6 || addressV6 === undefined
    ? []
    : [
        'IPv6 was not verified when the host was last sealed. With verify.ipv6: require, the next `up` does it, or fails',
      ];
}

/** What was looked at, one by one. */
export function evidenceOf({ evidence }: Pick<SealedOutput, 'evidence'>): readonly Evidence[] {
  return typeof evidence === 'string' ? JSON.parse(evidence) : evidence;
}
