import { judgePosture, servedPorts } from './judge.ts';
import { judgeSequences, weaknesses } from './knock/judge.ts';
import { ConfigurationError, type Problem, problemsOf } from './problem.ts';
import { type ResolvedHost, resolveStack } from './resolve.ts';
import { PublicKey } from './schema/public-key.ts';
import { type Host, Stack } from './schema/stack.ts';

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
  const parsed = Stack.safeParse(raw);
  if (!parsed.success) throw new ConfigurationError(subject, problemsOf(parsed.error));
  const stack = parsed.data;
  const problems: Problem[] = duplicateNames(stack.hosts);
  const hosts = resolveStack(stack).map((host, index) => {
    const own = stack.hosts[index];
    const at = (problem: Problem) => ({ ...problem, property: located(problem.property, own, index) });
    const withKeys = addKeys(host, readKeyFile);
    problems.push(...withKeys.problems.map(at), ...judgeHost(withKeys.host).map(at));
    return withKeys.host;
  });
  if (problems.length > 0) throw new ConfigurationError(subject, distinct(problems));
  const warnings = hosts.flatMap(({ knock }) =>
    knock.sequence === undefined ? [] : weaknesses(knock.sequence),
  );
  return { hosts, warnings: [...new Set(warnings)] };
}

function judgeHost(host: ResolvedHost): Problem[] {
  const { posture, knock } = host;
  const problems = judgePosture(posture).map((problem) => ({
    ...problem,
    property: configured(problem.property, host),
  }));
  if (posture.admin.authorizedKeys.length === 0) {
    problems.push({
      property: 'admin.authorizedKeys',
      reason:
        'no public key is configured, so nobody could log in; give one here or a .pub file in admin.authorizedKeyFiles',
    });
  }
  if (knock.sequence === undefined) return problems;
  const options = {
    served: servedPorts(posture),
    acceptWeak: knock.acceptWeak,
    needsClose: knock.door === 'held',
  };
  const weak = judgeSequences(knock.sequence, options).map(({ property, reason }) => ({
    property: `knock.sequence.${property}`,
    reason,
  }));
  return [...problems, ...weak];
}

/** The posture numbers p2p and api among its rules; the configuration has them beside the list. */
function configured(property: string, { firewall }: ResolvedHost): string {
  const rule = /^firewall\.rules\[(\d+)\](.*)$/.exec(property);
  if (rule === null) return property;
  const own = [
    ...(firewall.p2p === null ? [] : ['firewall.p2p']),
    ...(firewall.api === null ? [] : ['firewall.api']),
  ];
  const index = Number(rule[1]);
  return `${own[index] ?? `firewall.rules[${index - own.length}]`}${rule[2]}`;
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

/** Where the operator wrote it: in the host if it overrides the section, else in the stack. */
function located(property: string, host: Host | undefined, index: number): string {
  const section = property.split(/[.[]/)[0] ?? '';
  return host !== undefined && section in host ? `hosts[${index}].${property}` : property;
}

function distinct(problems: readonly Problem[]): Problem[] {
  return problems.filter(
    (problem, index) =>
      problems.findIndex(
        (other) => other.property === problem.property && other.reason === problem.reason,
      ) === index,
  );
}
