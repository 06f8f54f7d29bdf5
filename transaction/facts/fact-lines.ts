/** What a host says about itself before anything is touched; each key may come several times. */
export type RawFacts = ReadonlyMap<string, readonly string[]>;

/** Bytes of facts that are read: many times what a host says that has a thousand firewall rules. */
export const FACTS_BYTES: number = 1024 * 1024;

/** The most lines, and characters of a line, so that whatever is done with each of them stays quick. */
const LINES = 40_000;
const LINE_LENGTH = 4096;

/**
 * Reads `key=value` lines.
 *
 * @throws Error for more of them than any host has: cut short, they would say something else.
 */
export function readFactLines(text: string): RawFacts {
  const raw = new Map<string, string[]>();
  const lines = text.split('\n');
  if (lines.length > LINES)
    throw new Error(
      `the host says ${lines.length} lines about itself, and Postern reads ${LINES}; look for what it has so much of (thousands of firewall rules, or accounts)`,
    );
  for (const line of lines) {
    const equals = line.indexOf('=');
    if (equals < 1) continue;
    const key = line.slice(0, equals);
    if (line.length > LINE_LENGTH)
      throw new Error(
        `what the host says of ${key.slice(0, 40)} has ${line.length} characters, and Postern reads ${LINE_LENGTH}; shorten it there`,
      );
    const values = raw.get(key);
    if (values === undefined) raw.set(key, [line.slice(equals + 1)]);
    else values.push(line.slice(equals + 1));
  }
  return raw;
}
