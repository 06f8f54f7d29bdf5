/** One line of sshd's configuration as it stands on a host. */
export interface ConfigLine {
  /** Absolute path. */
  readonly file: string;
  /** Counted from 1. */
  readonly number: number;
  /** Directive in lower case. */
  readonly directive: string;
  /** The whole line as written, without the space around it. */
  readonly text: string;
  /** What follows the directive, without quotes. */
  readonly value: string;
  /** The criteria of the Match block that the line stands in; undefined outside of one. */
  readonly match: string | undefined;
}

/**
 * Reads lines `FILE:NUMBER:TEXT`, those of one file together and in order. A Match block ends with its file: sshd lets
 * none reach into the next.
 */
export function configLines(found: readonly string[]): ConfigLine[] {
  const lines: ConfigLine[] = [];
  let block: { file: string; match: string } | undefined;
  for (const text of found) {
    const [, file = '', number = '', rest = ''] = /^([^:]*):(\d+):\s*(.*)$/.exec(text) ?? [];
    const [, word = '', value = ''] = /^"?([A-Za-z0-9]+)"?[\s=]*(.*?)\s*$/.exec(rest) ?? [];
    if (word === '') continue;
    if (block?.file !== file) block = undefined;
    const directive = word.toLowerCase();
    const line = {
      file,
      number: Number(number),
      directive,
      text: rest.trim(),
      value: value.replaceAll('"', ''),
    };
    if (directive === 'match') block = { file, match: line.value };
    lines.push({ ...line, match: directive === 'match' ? undefined : block?.match });
  }
  return lines;
}
