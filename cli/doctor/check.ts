import { type ExitCode, exitCode } from '../command-line/exit.ts';

/** The links of the chain from an operator to a root shell, in their order. */
const checkNames = [
  'jump host',
  'address',
  'route',
  'host',
  'knock',
  'door',
  'sshd',
  'host key',
  'login',
  'root',
  // Told only where it is broken.
  'rules',
  // Told only where there is none.
  'sandbox',
  // Told only where it lets in others.
  'access',
] as const;

/** One of {@link checkNames}. */
export type CheckName = (typeof checkNames)[number];

/** What was found of one link. */
export interface Check {
  readonly name: CheckName;
  /** `unknown`: could not be told from here. */
  readonly state: 'ok' | 'broken' | 'unknown';
  /** What was seen, in words; names no port of a sequence. */
  readonly seen: string;
  /** What to do about it; for a broken or unknown one. */
  readonly advice?: string;
  /** Lines to type, as they are, where the advice ends with a colon. */
  readonly commands?: readonly string[];
}

/** A link that holds. */
export function ok(name: CheckName, seen: string): Check {
  return { name, state: 'ok', seen };
}

/** A link that is broken, what to do, and what to type. */
export function broken(name: CheckName, seen: string, advice: string, commands?: readonly string[]): Check {
  return { name, state: 'broken', seen, advice, ...(commands === undefined ? {} : { commands }) };
}

/** A link that cannot be judged from here, and what would tell. */
export function unknown(name: CheckName, seen: string, advice: string): Check {
  return { name, state: 'unknown', seen, advice };
}

/** The first link that does not hold; where none is known to be broken, the first that is not known to hold. */
export function firstFailure(links: readonly Check[]): Check | undefined {
  const inOrder = checkNames.flatMap((name) => links.filter((link) => link.name === name));
  return inOrder.find(({ state }) => state === 'broken') ?? inOrder.find(({ state }) => state === 'unknown');
}

/**
 * The exit status for what was found: 3 where it is the door, also one that stands open and does not shut, 1 for any other
 * broken link that keeps you out.
 */
export function codeOf(links: readonly Check[]): ExitCode {
  const found = firstFailure(links);
  if (found === undefined) return exitCode.ok;
  const atDoor = found.name === 'knock' || found.name === 'door';
  const isIn = links.some(({ name, state }) => name === 'root' && state === 'ok');
  if (isIn && !(atDoor && found.state === 'broken')) return exitCode.ok;
  return atDoor ? exitCode.door : exitCode.failed;
}

/** A link as a line for people. */
export function checkLine({ name, state, seen }: Check): string {
  const mark = { ok: 'ok     ', broken: 'BROKEN ', unknown: 'unknown' }[state];
  return `  ${mark}  ${name.padEnd(9)}  ${seen}`;
}
