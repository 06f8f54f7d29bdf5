import type { Host } from '../schema/stack.ts';
import type { Problem } from './problem.ts';

/** A problem of one host, its path relative to the host or the stack. */
export interface HostProblem extends Problem {
  /** Index of the host in the configuration. */
  readonly index: number;
}

/**
 * Problems at the place where the operator wrote what is wrong: in the host if it sets that key, else in the stack. What
 * several hosts take from the stack is told once; where some of the hosts only have the problem, they are named.
 */
export function locateProblems(problems: readonly HostProblem[], hosts: readonly Host[]): Problem[] {
  const shared = new Map<string, { problem: Problem; names: string[] }>();
  const located = problems.flatMap(({ property, reason, index }) => {
    const host = hosts[index];
    if (host === undefined) return [];
    if (sets(host, property)) return [{ property: `hosts[${index}].${property}`, reason }];
    const id = `${property}\0${reason}`;
    const known = shared.get(id);
    known?.names.push(host.name);
    if (known === undefined) shared.set(id, { problem: { property, reason }, names: [host.name] });
    return [];
  });
  const ofStack = [...shared.values()].map(({ problem: { property, reason }, names }) => ({
    property,
    reason: names.length === hosts.length ? reason : `${reason} (on ${names.join(', ')})`,
  }));
  return [...ofStack, ...located];
}

/** The host itself sets the key, which is two names deep (`knock.sequence`), or one for lists (`tasks[0]`). */
function sets(host: Host, property: string): boolean {
  const [section = '', key] = property.split('[')[0]?.split('.') ?? [];
  const own = Object.entries(host).find(([name]) => name === section)?.[1];
  if (typeof own !== 'object' || own === null || Array.isArray(own) || key === undefined)
    return own !== undefined;
  return Object.entries(own).some(([name, value]) => name === key && value !== undefined);
}
