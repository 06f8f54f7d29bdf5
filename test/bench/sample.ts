import type { Sample } from '../../bench/sample.ts';

/** A measured run of a quiet machine: a hardening of one host, where nothing else is said. */
export function run(subject: Sample['subject'], milliseconds: number, more: Partial<Sample> = {}): Sample {
  return { subject, action: 'harden', hosts: 1, round: 1, milliseconds, busy: 0.01, load: 0.3, ...more };
}
