/** How a piece of text is meant: `bad` is red where colours are shown, `good` green. */
export type Tone = 'bad' | 'good' | 'plain';

/** One cell of a table; line ends in it are kept. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** How a table is shown. */
export interface TableOptions {
  /** Columns that it may take. */
  readonly width: number;
  readonly color: boolean;
}

const gap = '  ';
const narrowest = 6;
const codes = { bad: '31', good: '32', plain: '' } as const;

/** Text with its tone, where colours are shown. */
export function paint(text: string, tone: Tone, color: boolean): string {
  return color && codes[tone] !== '' && text !== '' ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text;
}

/** A cell of plain text. */
export function plain(text: string): Cell {
  return { text, tone: 'plain' };
}

/**
 * Rows under a heading, aligned, within a width: the widest columns are wrapped between words until all of it fits;
 * words that cannot be broken may stand out. Lines have no space at their end; the text ends with a newline.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): string {
  const heading = head.map(plain);
  const widths = fit([heading, ...rows], options.width);
  return [heading, ...rows].map((row) => renderRow(row, widths, options.color)).join('');
}

function fit(rows: readonly (readonly Cell[])[], width: number): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const longest = (split: RegExp) =>
    Array.from({ length: columns }, (_, column) =>
      Math.max(
        narrowest,
        ...rows.flatMap((row) => (row[column]?.text ?? '').split(split)).map((part) => part.length),
      ),
    );
  const widths = longest(/\n/);
  const least = longest(/[\n ]/);
  const total = () => widths.reduce((sum, each) => sum + each, gap.length * (columns - 1));
  while (total() > width) {
    const breakable = widths.map((each, column) => (each > (least[column] ?? 0) ? each : 0));
    const widest = Math.max(...breakable);
    if (widest === 0) break;
    const column = breakable.indexOf(widest);
    widths[column] = widest - 1;
  }
  return widths;
}

function renderRow(row: readonly Cell[], widths: readonly number[], color: boolean): string {
  const cells = row.map((cell, column) => ({ ...cell, lines: wrap(cell.text, widths[column] ?? 0) }));
  const height = Math.max(1, ...cells.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map(({ lines, tone }, column) => {
      const text = lines[line] ?? '';
      return paint(text, tone, color) + ' '.repeat(Math.max(0, (widths[column] ?? 0) - text.length));
    });
    return `${parts.join(gap).trimEnd()}\n`;
  }).join('');
}

/** Lines of at most `width` characters, broken between words. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    for (const word of line.split(' ')) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + 1 + word.length <= width)
        lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    return lines;
  });
}
