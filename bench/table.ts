/** Rows as aligned text: the first column to the left, the others to the right; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const [heading = [], ...body] = rows;
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(heading), rule, ...body.map(line)].join('\n');
}

/** Milliseconds as seconds with two decimals, such as `2.81 s`; a dash for none. */
export function seconds(milliseconds: number | undefined): string {
  return milliseconds === undefined || Number.isNaN(milliseconds)
    ? '–'
    : `${(milliseconds / 1000).toFixed(2)} s`;
}
