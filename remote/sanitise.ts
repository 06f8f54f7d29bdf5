// Terminal escape sequences (CSI, OSC, single-character), then every other control or invisible formatting character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being removed
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
const invisible = /(?!\n|\t)[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu;

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
