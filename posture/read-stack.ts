import type { z } from 'zod';
import { weakSettings } from './knock/validate.ts';
import { type ResolvedHost, resolveStack } from './resolve.ts';
import { PublicKey } from './schema/public-key.ts';
import { type Host, Stack } from './schema/stack.ts';
import { validateHost } from './validate/host.ts';
import { ConfigurationError, type Problem, problemsOf } from './validate/problem.ts';
import { type HostProblem, locateProblems } from './validate/problem-location.ts';
import { sameAddresses } from './validate/same-address.ts';
import { withoutInvalidKeys } from './validate/without-invalid-keys.ts';
import { zodMessage } from './validate/zod-messages.ts';

/** Reads a public key file; throws when it can't. Injected, because this folder does no I/O. */
export type ReadKeyFile = (path: string) => string;

/** The deployer's machine, as far as a configuration names files of it. Injected, because this folder does no I/O. */
interface Files {
  readonly readKey: ReadKeyFile;
  readonly isReadable: (path: string) => boolean;
}

/** A stack's configuration, checked as a whole. */
export interface ReadStack {
  readonly hosts: readonly ResolvedHost[];
  /** Sentences about what is accepted but weak. */
  readonly warnings: readonly string[];
}

/**
 * Turns a stack's raw configuration into its hosts.
 *
 * @param readKey reads a public key file.
 * @param isReadable whether a private key file can be read; by default nobody logs in from this machine.
 * @throws ConfigurationError with every problem at once, each at its property path.
 */
export function readStack(
  raw: unknown,
  subject: string,
  readKey: ReadKeyFile,
  isReadable: (path: string) => boolean = () => true,
): ReadStack {
  const files = { readKey, isReadable };
  const parsed = Stack.safeParse(raw, { error: zodMessage });
  if (!parsed.success) {
    const further = furtherProblems(raw, parsed.error.issues, files);
    throw new ConfigurationError(subject, [...problemsOf(parsed.error), ...further]);
  }
  const { hosts, problems } = judgeStack(parsed.data, files);
  if (problems.length > 0) throw new ConfigurationError(subject, problems);
  return { hosts, warnings: [...new Set(hosts.flatMap(({ knock }) => weakSettings(knock)))] };
}

function judgeStack(stack: Stack, files: Files): { hosts: ResolvedHost[]; problems: Problem[] } {
  const found: HostProblem[] = [];
  const hosts = resolveStack(stack).map((host, index) => {
    const withKeys = addKeys(host, files);
    const own = [
      ...withKeys.problems,
      ...judgeIdentities(withKeys.host, files),
      ...validateHost(withKeys.host),
    ];
    found.push(...own.map((problem) => ({ ...problem, index })));
    return withKeys.host;
  });
  return {
    hosts,
    problems: [
      ...duplicateNames(stack.hosts),
      ...sameAddresses(stack.hosts),
      ...locateProblems(found, stack.hosts),
    ],
  };
}

/** Problems that do not hang on the keys which the schema refuses already. */
function furtherProblems(raw: unknown, issues: readonly z.core.$ZodIssue[], files: Files): Problem[] {
  const part = withoutInvalidKeys(raw, issues);
  const parsed = Stack.safeParse(part?.raw);
  if (part === undefined || !parsed.success) return [];
  const keysRefused = part.removed.some((removed) => removed.includes('admin.authorizedKey'));
  return judgeStack(parsed.data, files).problems.filter(
    ({ property }) =>
      /(^|\.)(admin\.|identity\.|knock\.sequence|tasks)|\.(name|address|addressV6)$/.test(property) &&
      !part.removed.some((removed) => property.startsWith(removed)) &&
      !(keysRefused && property.includes('admin.authorizedKeys')),
  );
}

function addKeys(host: ResolvedHost, files: Files): { host: ResolvedHost; problems: Problem[] } {
  const problems: Problem[] = [];
  const fromFiles = host.admin.authorizedKeyFiles.flatMap((path, index) => {
    const property = `admin.authorizedKeyFiles[${index}]`;
    try {
      const key = files.readKey(path).trim();
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

/** Private keys that the deployer is to log in with and this machine does not have. */
function judgeIdentities({ identity, target }: ResolvedHost, { isReadable }: Files): Problem[] {
  const jump = target.type === 'existing' ? target.jump?.identity : undefined;
  return Object.entries({ 'identity.file': identity, 'target.jump.identity.file': jump }).flatMap(
    ([property, how]): Problem[] =>
      how === undefined || !('file' in how) || isReadable(how.file)
        ? []
        : [
            {
              property,
              reason: `${how.file} can't be read on this machine; give the path of the private key`,
            },
          ],
  );
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
