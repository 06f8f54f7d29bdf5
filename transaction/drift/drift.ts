import { excerpt } from '../../remote/sanitise.ts';
import type { SealedBy } from './unknown-change.ts';

/** One line of a host's manifest that differs: `-` as sealed, `+` as found. */
interface Difference {
  readonly sign: string;
  readonly text: string;
}

/** A managed file, as a manifest has it. */
interface FileLine {
  readonly path: string;
  readonly digest: string;
  readonly attributes: string;
}

/**
 * What a host's agent found to be different, in words: it compares digests, which tell nobody anything. What a file or a
 * rule holds is not told, because some hold secrets.
 *
 * @param lines of the agent's, `-` as sealed and `+` as found.
 * @returns the same, readable; each thing that differs has both lines.
 */
export function readableDrift(lines: readonly string[]): string[] {
  const differences = lines.map((line) => ({ sign: line.slice(0, 1), text: line.slice(1).trim() }));
  return differences.flatMap((difference) => {
    const { sign, text } = difference;
    const file = fileOf(text);
    if (file !== undefined) return describeFile(sign, file, counterpart(difference, differences));
    const [, tool] = /^rules (\S+) [0-9a-f]{64}$/.exec(text) ?? [];
    if (tool !== undefined)
      return [sign === '-' ? `- rules ${tool}: as sealed` : `+ rules ${tool}: others are in force`];
    return [`${sign} ${text}`];
  });
}

/** What the drift of a host says that was sealed by a change which the state does not know. */
export function otherChange(known: string | undefined, { at, holder }: SealedBy): string[] {
  return [
    `- sealed${known === undefined ? '' : ` ${known}`}, by the last change that this state knows`,
    `+ sealed ${excerpt(at, 40)}, by a change of ${excerpt(holder, 100)} that it does not know`,
  ];
}

function describeFile(sign: string, { path, digest, attributes }: FileLine, other: FileLine | undefined) {
  const line = `${sign} file ${path} mode ${attributes}`;
  if (other === undefined)
    return sign === '-' ? [line, `+ file ${path} is gone`] : [`- file ${path} was not there`, line];
  if (other.digest === digest) return [line];
  return [`${line}, ${sign === '-' ? 'the content that was sealed' : 'other content'}`];
}

function counterpart(of: Difference, all: readonly Difference[]): FileLine | undefined {
  const path = fileOf(of.text)?.path;
  return all
    .filter(({ sign }) => sign !== of.sign)
    .map(({ text }) => fileOf(text))
    .find((file) => file?.path === path);
}

function fileOf(text: string): FileLine | undefined {
  const [, path, digest, attributes] = /^file (.+) ([0-9a-f]{64}) ([0-7]+ \S+)$/.exec(text) ?? [];
  return path === undefined || digest === undefined || attributes === undefined
    ? undefined
    : { path, digest, attributes };
}
