import { excerpt } from '../../remote/sanitise.ts';

/** One thing that was looked at from outside, and what was seen. */
export interface Evidence {
  /** What was tried, in words; never a knock's port. */
  readonly check: string;
  readonly family: 'ipv4' | 'ipv6';
  /** What the posture promises. */
  readonly expected: string;
  /** What was seen. */
  readonly seen: string;
  /** When, in UTC (ISO 8601). */
  readonly at: string;
}

/** Something outside did not look as the posture promises. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  readonly evidence: Evidence;
  /** Another knock of the owner's, or its end, looks the same from here. */
  readonly disturbable: boolean;

  constructor(evidence: Evidence, disturbable: boolean) {
    super(`${evidence.check} (${evidence.family}): expected ${evidence.expected}, saw ${evidence.seen}`);
    this.evidence = evidence;
    this.disturbable = disturbable;
  }
}

/** Collects what is seen; refuses at once what is not as expected. */
export class EvidenceLog {
  readonly evidence: Evidence[] = [];
  readonly #family: Evidence['family'];

  constructor(family: 4 | 6) {
    this.#family = family === 4 ? 'ipv4' : 'ipv6';
  }

  /**
   * Writes down a finding.
   *
   * @param disturbable whether somebody else who knocks from the same address meanwhile could have brought it about.
   * @throws ProofError when it is not `fine`.
   */
  record(check: string, expected: string, seen: string, fine: boolean, disturbable = false): void {
    // It goes into the outputs, and may quote the host.
    const what = { check: excerpt(check, 400), expected: excerpt(expected, 400), seen: excerpt(seen, 400) };
    const finding = { ...what, family: this.#family, at: new Date().toISOString() };
    this.evidence.push(finding);
    if (!fine) throw new ProofError(finding, disturbable);
  }
}
