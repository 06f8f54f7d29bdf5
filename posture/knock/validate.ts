import type { KnockSettings } from '../schema/knock.ts';
import { type Problem, propertyPath } from '../validate/problem.ts';
import { engineOf } from './engines.ts';
import { GENERATED_PORTS } from './generate.ts';
import { isMonotonic, type Sequence, type Sequences, sameSequence, startsWith } from './sequence.ts';

/** Sequences printed in the five guides; every scanner's dictionary begins with them. */
const GUIDE_EXAMPLES: readonly Sequence[] = [
  tcp(7000, 8000, 9000),
  tcp(9000, 8000, 7000),
  tcp(3333, 4444, 5555),
  tcp(6666, 7777, 8888),
  [
    { port: 2222, protocol: 'udp' },
    { port: 3333, protocol: 'tcp' },
    { port: 4444, protocol: 'udp' },
  ],
  [23_456, 34_567, 45_678, 56_789].map((port) => ({ port, protocol: 'udp' })),
];

/** What sequences are judged against. */
export interface ValidateOptions {
  /** Ports that are served on the host. */
  readonly served: readonly number[];
  /** Accept a monotonic sequence. */
  readonly acceptWeak: boolean;
  /** A held door cannot do without a closing sequence. */
  readonly needsClose: boolean;
}

/**
 * Why a user's own sequences are refused; empty when they are accepted. Paths are relative to `sequence`. No port of a
 * sequence is ever part of a reason: reasons are printed, sequences are secret.
 */
export function validateSequences(sequences: Sequences, options: ValidateOptions): Problem[] {
  const { open, close } = sequences;
  const problems = [
    ...judgeOne('open', open, options),
    ...(close === null ? [] : judgeOne('close', close, options)),
  ];
  if (close === null && options.needsClose) {
    problems.push({ property: 'close', reason: 'is needed by a held door; give one or use door: timed' });
  }
  if (close !== null && (startsWith(close, open) || startsWith(open, close))) {
    const how = sameSequence(open, close) ? 'equals the other' : 'is the beginning of the other';
    problems.push({
      property: 'close',
      reason: `one sequence ${how}, so the same knocks would open and close; make the first knocks differ`,
    });
  }
  return problems;
}

function judgeOne(name: string, sequence: Sequence, options: ValidateOptions): Problem[] {
  const problems: Problem[] = [];
  sequence.forEach((knock, index) => {
    const property = propertyPath([name, index, 'port']);
    if (options.served.includes(knock.port)) {
      problems.push({
        property,
        reason: 'is a port this host serves; a knock needs a port where nothing listens',
      });
    }
    if (sequence.findIndex((other) => other.port === knock.port) < index) {
      problems.push({ property, reason: 'comes twice in the sequence; use each port once' });
    }
  });
  if (GUIDE_EXAMPLES.some((example) => samePorts(example, sequence))) {
    problems.push({
      property: name,
      reason:
        'is an example from a public guide, which scanners try first; leave it out to have one generated',
    });
  } else if (!options.acceptWeak && isMonotonic(sequence)) {
    problems.push({
      property: name,
      reason:
        'only rises or only falls, so one sweep over the ports opens the door; mix the order, or set knock.acceptWeak: true',
    });
  }
  return problems;
}

/** What a scanner would do to what is configured and accepted; one sentence each, no ports. */
export function weakSettings(knock: KnockSettings): string[] {
  if (engineOf(knock.engine).secret === 'packet') return [];
  if (knock.sequence !== undefined) return weaknesses(knock.sequence);
  if (knock.knocks > 3) return [];
  return [
    'knock.knocks is 3: a random scan meets three ports in the right order once in 6 scans; use four or more.',
  ];
}

/** What a scanner would do to sequences that are accepted all the same; one sentence each, no ports. */
export function weaknesses(sequences: Sequences): string[] {
  const { open } = sequences;
  const warnings: string[] = [];
  if (open.every((knock) => knock.protocol === 'tcp')) {
    warnings.push(
      `knock.sequence.open is TCP only: a random scan of all TCP ports hits ${open.length} of them in the right order once in ${factorial(open.length)} scans; mix in UDP.`,
    );
  }
  if (open.some((knock) => knock.port > GENERATED_PORTS.highest)) {
    warnings.push(
      'knock.sequence.open uses ephemeral ports (32768 and up): replies to the host’s own connections can arrive there and disturb a knock; use lower ones.',
    );
  }
  if (open.length === 3) {
    warnings.push(
      'knock.sequence.open has three knocks: a random scan meets three ports in the right order once in 6 scans; use four or more.',
    );
  }
  if (isMonotonic(open)) {
    warnings.push(
      'knock.sequence.open only rises or only falls (acceptWeak): any sweep over the ports opens the door.',
    );
  }
  return warnings;
}

/** Whichever protocols: a scanner tries the dictionary's ports with both. */
function samePorts(left: Sequence, right: Sequence): boolean {
  return left.length === right.length && left.every((knock, index) => knock.port === right[index]?.port);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function tcp(...ports: number[]): Sequence {
  return ports.map((port) => ({ port, protocol: 'tcp' }));
}
