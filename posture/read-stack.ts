import type { z } from 'zod';
import { judgeHost } from './judge-host.ts';
import { weakSettings } from './knock/judge.ts';
import { type HostProblem, locate } from './locate.ts';
import { ConfigurationError, type Problem, problemsOf } from './problem.ts';
import { type ResolvedHost, resolveStack } from './resolve.ts';
import { PublicKey } from './schema/public-key.ts';
import { type Host, Stack } from './schema/stack.ts';
import { usablePart } from './usable-part.ts';
import { wording } from './wording.ts';

/** Reads a public key file; throws when it can't. Injected, because this folder does no I/O. */
export type ReadKeyFile = (path: string) => string;

/** A stack's configuration, checked as a whole. */
export interface ReadStack {
  readonly hosts: readonly ResolvedHost[];
  /** Sentences about what is accepted but weak. */
  readonly warnings: readonly string[];
}

/**
 * Turns a stack's raw configuration into its hosts.
 *
 * @throws ConfigurationError with every problem at once, each at its property path.
 */
export function readStack(raw: unknown, subject: string, readKeyFile: ReadKeyFile): ReadStack {
  const parsed = Stack.safeParse(raw, { error: wording });
  if (!parsed.success) {
    const further = furtherProblems(raw, parsed.error.issues, readKeyFile);
    throw new ConfigurationError(subject, [...problemsOf(parsed.error), ...further]);
  }
  const { hosts, problems } = judgeStack(parsed.data, readKeyFile);
  if (problems.length > 0) throw new ConfigurationError(subject, problems);
  return { hosts, warnings: [...new Set(hosts.flatMap(({ knock }) => weakSettings(knock)))] };
}

function judgeStack(stack: Stack, readKeyFile: ReadKeyFile): { hosts: ResolvedHost[]; problems: Problem[] } {
  const found: HostProblem[] = [];
  const hosts = resolveStack(stack).map((host, index) => {
    const withKeys = addKeys(host, readKeyFile);
    const own = [...withKeys.problems, ...judgeHost(withKeys.host)];
    found.push(...own.map((problem) => ({ ...problem, index })));
    return withKeys.host;
  });
  return { hosts, problems: [...duplicateNames(stack.hosts), ...locate(found, stack.hosts)] };
}

/** Problems that do not hang on the keys which the schema refuses already. */
function furtherProblems(
  raw: unknown,
  issues: readonly z.core.$ZodIssue[],
  readKeyFile: ReadKeyFile,
): Problem[] {
  const part = usablePart(raw, issues);
  const parsed = Stack.safeParse(part?.raw);
  if (part === undefined || !parsed.success) return [];
  const keysRefused = part.removed.some((removed) => removed.includes('admin.authorizedKey'));
  return judgeStack(parsed.data, readKeyFile).problems.filter(
    ({ property }) =>
      /(^|\.)(admin\.|knock\.sequence|tasks)|\.name$/.test(property) &&
      !part.removed.some((removed) => property.startsWith(removed)) &&
      !(keysRefused && property.includes('admin.authorizedKeys')),
  );
}

function addKeys(host: ResolvedHost, readKeyFile: ReadKeyFile): { host: ResolvedHost; problems: Problem[] } {
  const problems: Problem[] = [];
  const fromFiles = host.admin.authorizedKeyFiles.flatMap((path, index) => {
    const property = `admin.authorizedKeyFiles[${index}]`;
    try {
      const key = readKeyFile(path).trim();
      const parsed = PublicKey.safeParse(key);
      if (parsed.success) return [key];
      problems.push({
        property,
        reason: `the key in ${path} ${parsed.error.issues[0]?.message ?? 'is not usable'}`,
      });
    } catch {
      problems.push({
        property,
        reason: `${path} can't be read; give a .pub file, or the key itself in admin.authorizedKeys`,
      });
    }
    return [];
  });
  const authorizedKeys = [...new Set([...host.posture.admin.authorizedKeys, ...fromFiles])];
  return {
    host: { ...host, posture: { ...host.posture, admin: { ...host.posture.admin, authorizedKeys } } },
    problems,
  };
}

function duplicateNames(hosts: readonly Host[]): Problem[] {
  return hosts.flatMap(({ name }, index) =>
    hosts.findIndex((other) => other.name === name) < index
      ? [
          {
            property: `hosts[${index}].name`,
            reason: `${name} is already the name of another host; names are unique in a stack`,
          },
        ]
      : [],
  );
}
