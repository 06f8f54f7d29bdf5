import type { Setting } from './setting.ts';

/** A setting that another file on the host overrides or adds to. */
export interface Override {
  readonly directive: string;
  readonly wanted: string;
  /** What `sshd -T -C …` prints; empty when the directive is missing from it. */
  readonly effective: string;
}

/** Directives whose value accumulates over files instead of being taken from the first one. */
const ACCUMULATE = new Set(['port', 'hostkey', 'allowusers']);

/** Directives that `sshd -T` never prints: what cannot be seen is not held against the host. */
const UNSEEN = new Set(['debianbanner']);

/** Directives that `sshd -T` prints in a normal form of its own. */
const NORMALIZE: Readonly<Record<string, (value: string) => string>> = {
  permitrootlogin: (value) => (value === 'prohibit-password' ? 'without-password' : value),
  authorizedkeysfile: (value) => value,
};

/** How OpenSSH 10.6 prints some of what is written as yes and no. */
const BOOLEANS: Readonly<Record<string, string>> = { true: 'yes', false: 'no' };

/**
 * Compares what was written with what sshd makes of all its files together (`sshd -T -C user=…`): an earlier drop-in,
 * a Match block or a second Port line shows here and nowhere else.
 */
export function overriddenSettings(settings: readonly Setting[], effective: string): Override[] {
  const seen = new Map<string, string[]>();
  for (const line of effective.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 1) continue;
    const directive = line.slice(0, space).toLowerCase();
    const values = seen.get(directive);
    if (values === undefined) seen.set(directive, [line.slice(space + 1).trim()]);
    else values.push(line.slice(space + 1).trim());
  }
  const wanted = new Map<string, string[]>();
  for (const [directive, value] of settings) wanted.set(directive, [...(wanted.get(directive) ?? []), value]);
  return [...wanted].flatMap(([directive, values]) => {
    const key = directive.toLowerCase();
    if (UNSEEN.has(key)) return [];
    const normal = NORMALIZE[key] ?? ((value: string) => value);
    const found = (seen.get(key) ?? []).map((value) => BOOLEANS[value] ?? value);
    const same = ACCUMULATE.has(key)
      ? sameMembers(values, found)
      : found.length === 1 && found[0]?.toLowerCase() === normal(values.join(' ')).toLowerCase();
    return same ? [] : [{ directive, wanted: values.join(' '), effective: found.join(' ') }];
  });
}

/** The same line in two files is printed twice, and means no more than once. */
function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return left.every((value) => right.includes(value)) && right.every((value) => left.includes(value));
}
