import type { z } from 'zod';
import { propertyPath } from './problem.ts';

/** What is left of a refused configuration, to be judged for what else is wrong with it. */
export interface ValidPart {
  readonly raw: unknown;
  /** Property paths of the keys that were taken out. */
  readonly removed: readonly string[];
}

/** Keys without which nothing can be said of the rest. */
const NEEDED: readonly unknown[] = ['network', 'hosts', 'name', 'target', undefined];

/** Sections that are taken whole. */
const WHOLE: readonly unknown[] = ['identity', 'tasks'];

/**
 * The configuration without the keys that the schema refuses, so that all problems can be told at once.
 *
 * @returns nothing where the refused keys are such that the rest means nothing without them.
 */
export function withoutInvalidKeys(raw: unknown, issues: readonly z.core.$ZodIssue[]): ValidPart | undefined {
  const cuts = issues.flatMap((issue) =>
    (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]).map(
      cutOf,
    ),
  );
  const rest = structuredClone(raw);
  const removed: string[] = [];
  for (const cut of cuts) {
    if (cut === undefined) return undefined;
    const holder = cut.slice(0, -1).reduce(member, rest);
    if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, cut.at(-1) ?? '');
    removed.push(propertyPath(cut));
  }
  return { raw: rest, removed };
}

/** The key to take out for a problem at a path: `ssh.port`, `hosts[1].ssh.port`, or a section as a whole. */
function cutOf(path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  const before = path[0] === 'hosts' ? 2 : 0;
  const section = path[before];
  return NEEDED.includes(section) ? undefined : path.slice(0, before + (WHOLE.includes(section) ? 1 : 2));
}

function member(holder: unknown, key: PropertyKey): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined;
}
