import type { KnockOutput } from '../../components/outputs.ts';
import type { Knock } from '../../posture/knock/sequence.ts';

/** A port that is listened to on a host. Secret as a whole; its label is not. */
export interface WatchedPort {
  readonly port: number;
  readonly protocol: Knock['protocol'];
  /** What a packet to it is, in words that name no port: `knock 2 of 4`. */
  readonly label: string;
}

const connection = 'connection to ssh';

/** Whether a packet with this label went to the ssh port. */
export function reachesSsh(label: string): boolean {
  return label.includes(connection);
}

/** The ports of a host's sequences, and its ssh port. */
export function watchedPorts({ open, close }: KnockOutput, sshPort: number): WatchedPort[] {
  const count = (of: number, name: string) => (knock: Knock, index: number) => ({
    ...knock,
    label: `${name} ${index + 1} of ${of}`,
  });
  const all: WatchedPort[] = [
    ...open.map(count(open.length, 'knock')),
    ...(close ?? []).map(count(close?.length ?? 0, 'closing knock')),
    { port: sshPort, protocol: 'tcp', label: connection },
  ];
  // A port may be knocked on more than once.
  const merged = new Map<string, WatchedPort>();
  for (const ear of all) {
    const key = `${ear.protocol} ${ear.port}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? ear : { ...known, label: `${known.label} or ${ear.label}` });
  }
  return [...merged.values()];
}

/** The ears as `listen.pl` takes them. Secret. */
export function watchedPortLines(ports: readonly WatchedPort[]): string {
  return ports.map(({ protocol, port, label }) => `${protocol} ${port}\t${label}\n`).join('');
}
