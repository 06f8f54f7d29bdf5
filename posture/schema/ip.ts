/*
 * IP addresses as numbers and as the one text that every tool prints for them. A firewall is asked back what it holds
 * and compared by text, so a network has to be written the way the firewall writes it.
 */

/** Groups of an address: 4 bytes for IPv4, 8 words of 16 bits for IPv6. */
export type Groups = readonly number[];

/** The four bytes of an IPv4 literal without leading zeros, or nothing. */
export function parseIpv4(text: string): Groups | undefined {
  const parts = text.split('.');
  const valid = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(valid) ? parts.map(Number) : undefined;
}

/** The eight words of an IPv6 literal, without zone index and dotted ending, or nothing. */
export function parseIpv6(text: string): Groups | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const words = [...(head ?? []), ...(tail ?? [])];
  if (!words.every((word) => /^[0-9A-Fa-f]{1,4}$/.test(word))) return undefined;
  const missing = 8 - words.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const zeros = Array.from({ length: missing }, () => '0');
  return [...(head ?? []), ...zeros, ...(tail ?? [])].map((word) => Number.parseInt(word, 16));
}

/** An address as inet_ntop(3) prints it: lower case, the first longest run of two or more zero words as `::`. */
export function formatIp(groups: Groups): string {
  if (groups.length === 4) return groups.join('.');
  const { start, length } = longestZeros(groups);
  const hex = groups.map((word) => word.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** The address with every bit after the first `bits` cleared. */
export function maskIp(groups: Groups, bits: number): Groups {
  const width = groups.length === 4 ? 8 : 16;
  return groups.map((group, index) => {
    const kept = Math.max(0, Math.min(width, bits - index * width));
    return group & ~(2 ** (width - kept) - 1);
  });
}

function longestZeros(groups: Groups): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  groups.forEach((_, start) => {
    const after = groups.slice(start).findIndex((group) => group !== 0);
    const length = after === -1 ? groups.length - start : after;
    if (length > best.length) best = { start, length };
  });
  return best;
}
