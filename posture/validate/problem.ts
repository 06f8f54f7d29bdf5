import type { z } from 'zod';
import { MISSING } from './zod-messages.ts';

/** One thing that is wrong with a configuration: where, why, and what would be accepted. Never holds a secret. */
export interface Problem {
  /** Property path as Pulumi writes it: `hosts[1].ssh.port`. */
  readonly property: string;
  /** What is wrong and what would be accepted. */
  readonly reason: string;
}

/** Thrown with every problem of a configuration at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    const lines = problems.map((problem) => `  ${problem.property}: ${problem.reason}`);
    super(`${subject} is refused; nothing was changed.\n${lines.join('\n')}`);
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** Path segments in Pulumi's notation: `['hosts', 1, 'ssh']` becomes `hosts[1].ssh`, odd keys are quoted. */
export function propertyPath(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === 'number') return `${path}[${segment}]`;
    const key = String(segment);
    if (!/^[A-Za-z0-9_-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === '' ? key : `${path}.${key}`;
  }, '');
}

/** zod's issues as problems; `prefix` is put before every path. */
export function problemsOf(error: z.ZodError, prefix: readonly PropertyKey[] = []): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, prefix));
}

function problemsOfIssue(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): Problem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    // What is written in a sequence's place may be one.
    if (path.includes('sequence')) return [{ property: propertyPath(path), reason: 'has an unknown key' }];
    return issue.keys.map((key) => ({
      property: propertyPath([...path, key]),
      reason: 'unknown key; docs/configuration.md lists the accepted ones',
    }));
  }
  const meant = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
  if (meant !== undefined) return meant.flatMap((inner) => problemsOfIssue(inner, path));
  return [{ property: propertyPath(path) || '(root)', reason: issue.message }];
}

/**
 * The branch of a union that the writer evidently meant: of the right kind and with every key that it needs, but wrong
 * further in. Its problems say more than that no branch fits.
 */
function meantBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const fitting = branches
    .filter((issues) => !issues.some((issue) => isOtherKind(issue) || isMissing(issue)))
    .map((issues) => ({ issues, weight: issues.reduce((sum, issue) => sum + weightOf(issue), 0) }))
    .sort((left, right) => left.weight - right.weight);
  const [best, second] = fitting;
  return best === undefined || best.weight === second?.weight ? undefined : best.issues;
}

function isOtherKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.message.startsWith(MISSING);
}

function weightOf(issue: z.core.$ZodIssue): number {
  return issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
}
