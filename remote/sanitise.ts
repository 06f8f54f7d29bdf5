// Terminal escape sequences (CSI, OSC, single-character), then every other control or invisible formatting character. No
// sequence reaches over the end of a line: one that is left open must not swallow the lines behind it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being removed
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
const invisible = /(?!\n|\t)[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu;

/**
 * Text from a host, for parsers and people alike: no escape sequences, control or bidirectional characters. It has the
 * lines that the host wrote and no further ones: a carriage return that ends no line is a space. Linear in time.
 */
export function plainText(text: string): string {
  return text
    .replace(escapes, '')
    .replace(/\r+(?=\n|$)/g, '')
    .replaceAll('\r', ' ')
    .replace(invisible, '');
}

/**
 * Text from a host made fit for a terminal or a log: no escape sequences, control or bidirectional characters; line
 * ends are `\n`. Cut to its last `limit` characters (default 2000), since the reason usually stands at the end.
 */
export function sanitise(text: string, limit = 2000): string {
  const clean = text
    .slice(-4 * limit)
    .replace(escapes, '')
    .replace(/\r\n?/g, '\n')
    .replace(invisible, '')
    .trim();
  return clean.length > limit ? `…${clean.slice(-limit)}` : clean;
}

/** The same for a sentence that quotes a host: cut in its middle, since it says what failed first and what to do last. */
export function excerpt(text: string, limit: number): string {
  const most = 4 * limit;
  const clean = plainText(text.length > 2 * most ? `${text.slice(0, most)}${text.slice(-most)}` : text);
  if (clean.length <= limit) return clean;
  const half = Math.floor(limit / 2);
  return `${clean.slice(0, half)} … ${clean.slice(-half)}`;
}
