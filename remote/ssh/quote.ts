/**
 * One word for a POSIX shell: whatever `word` holds (quotes, newlines, `$`, a leading dash, nothing at all), the shell
 * reads it back as this one word, unchanged.
 *
 * @throws TypeError on a NUL character, which no shell can hold.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot hold a NUL character');
  return /^[A-Za-z0-9_./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Several words, each quoted by {@link quoteWord}, separated by spaces. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}
