/** The transport protocol of one knock. */
export type Protocol = 'tcp' | 'udp';

/** What single packets are made with (fwknop). Secret. Both are 32 random bytes in base64. */
export interface SpaKeys {
  /** Encrypts. */
  readonly key: string;
  /** Signs (HMAC-SHA256). */
  readonly hmacKey: string;
}

/** One knock: a packet to `port` (1–65535); for TCP a bare SYN, for UDP a datagram, empty unless it says otherwise. */
export interface Knock {
  readonly port: number;
  readonly protocol: Protocol;
  /** The datagram is a single packet of fwknop's, made anew with these whenever it is sent. */
  readonly spa?: SpaKeys | undefined;
  /** The datagram's content, ASCII without blanks: a single packet that was made already. */
  readonly payload?: string | undefined;
}

/** Knocks in the order in which they have to arrive. Secret: whoever knows it finds the door. */
export type Sequence = readonly Knock[];

/** What opens a host's door and, where one is wanted, what closes it early. Secret as a whole. */
export interface Sequences {
  readonly open: Sequence;
  readonly close: Sequence | null;
}

/** Some of the knocks are single packets, which only fwknop's client makes. */
export function hasSinglePacket(sequence: Sequence): boolean {
  return sequence.some(({ spa }) => spa !== undefined);
}

/** `12345:tcp,23456:udp`, the notation of knockd.conf(5). */
export function formatSequence(sequence: Sequence): string {
  return sequence.map((knock) => `${knock.port}:${knock.protocol}`).join(',');
}

/** The same knocks in the same order. */
export function sameSequence(left: Sequence, right: Sequence): boolean {
  return left.length === right.length && startsWith(left, right);
}

/** `sequence` begins with every knock of `prefix`. */
export function startsWith(sequence: Sequence, prefix: Sequence): boolean {
  return prefix.every((knock, index) => {
    const other = sequence[index];
    if (other === undefined || other.port !== knock.port || other.protocol !== knock.protocol) return false;
    return other.spa?.key === knock.spa?.key && other.spa?.hmacKey === knock.spa?.hmacKey;
  });
}

/** Every port is higher than the one before it, or every port is lower: one sweep of a port scanner opens it. */
export function isMonotonic(sequence: Sequence): boolean {
  const rising = sequence.every((knock, index) => knock.port > (sequence[index - 1]?.port ?? 0));
  const falling = sequence.every((knock, index) => knock.port < (sequence[index - 1]?.port ?? 65_536));
  return rising || falling;
}
