import type { Rule } from './rules.ts';

/** What is in force on a host: directives as `sshd -T` prints them, several values joined by a space, and paths. */
export type InForce = ReadonlyMap<string, string>;

/** Reads the output of `sshd -T`, and of `stat -c '%n %a %U'`, which looks alike. */
export function readInForce(text: string): InForce {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 1) continue;
    const [name, value] = [line.slice(0, space), line.slice(space + 1).trim()];
    values.set(name, values.has(name) ? `${values.get(name)} ${value}` : value);
  }
  return values;
}

/** Whether a host keeps a rule; a directive that its sshd does not print is not kept. */
export function keeps({ subject, wanted }: Rule, inForce: InForce): boolean {
  const value = inForce.get(subject);
  if (value === undefined) return false;
  const number = Number(wanted.slice(2));
  if (wanted === 'set') return value !== '';
  if (wanted.startsWith('<=')) return Number(value) > 0 && Number(value) <= number;
  if (wanted.startsWith('>=')) return Number(value) >= number;
  if (wanted.startsWith('!=')) return value !== wanted.slice(2);
  if (wanted.startsWith('without ')) {
    const named = value.split(',');
    return wanted
      .split(' ')
      .slice(1)
      .every((name) => !named.includes(name));
  }
  return wanted.split('|').includes(value);
}
