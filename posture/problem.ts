import type { z } from 'zod';

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

/** Path segments in Pulumi's notation: `['hosts', 1, 'ssh']` becomes `hosts[1].ssh`. */
export function propertyPath(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === 'number') return `${path}[${segment}]`;
    return path === '' ? String(segment) : `${path}.${String(segment)}`;
  }, '');
}

/** zod's issues as problems; `prefix` is put before every path. */
export function problemsOf(error: z.ZodError, prefix: readonly PropertyKey[] = []): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        property: propertyPath([...path, key]),
        reason: 'unknown key; docs/configuration.md lists the accepted ones',
      }));
    }
    return [{ property: propertyPath(path) || '(root)', reason: issue.message }];
  });
}
