import type { KnockOutput } from '../../components/outputs.ts';
import { doorKey, withFileLock } from '../../remote/file-lock.ts';
import type { TcpState } from '../../remote/probe.ts';
import { knockToClose, knockToOpen, type Transport } from '../host/door.ts';
import type { Place } from '../host/family.ts';
import type { HostReport } from '../host/host-report.ts';
import { isDeaf } from '../host/knock-host.ts';
import { type OpenPort, probeOpenPorts } from '../host/open-ports.ts';
import type { FleetHost } from '../stack/outputs.ts';
import { findUnexpectedPorts, type UnexpectedPorts } from './unexpected-ports.ts';

/** What a knock did, and what the host says of itself; without its words where nobody could ask it. */
export interface KnockReading extends Partial<HostReport> {
  /** `open`, or what the ssh port did instead. */
  readonly ssh: TcpState;
  /** How often the sequence was sent; absent where the door did not open. */
  readonly knocks?: number;
  /** From the first packet to the connection. */
  readonly milliseconds?: number;
  /** `sequence`: closed by the closing sequence; `time`: left to close by itself; `no`: still open after the sequence. */
  readonly closed?: 'sequence' | 'time' | 'no';
}

/** What was seen of a host over one IP version. */
export interface Reading {
  readonly family: 4 | 6;
  readonly address: string;
  /** Before the knock; null where no route leads there. */
  readonly now: {
    readonly ssh: TcpState;
    /** The ssh port was open for this machine after an earlier knock, until the closing sequence was sent. */
    readonly wasOpen: boolean;
    readonly backup: TcpState;
    /** Ports that are none of the others, and where a host answers that was restored or made anew; absent: there are none. */
    readonly first?: readonly { readonly port: number; readonly state: TcpState }[];
    readonly served: readonly OpenPort[];
    /** What answers besides; absent where it was not looked for. */
    readonly strays?: readonly UnexpectedPorts[];
  } | null;
  /** Null where no knock was sent. */
  readonly afterKnock: KnockReading | null;
}

/** What a host says of itself; undefined: it could not be asked. */
export type HostQuestion = () => Promise<HostReport | undefined>;

/**
 * Looks at a host from one side over one IP version; with `knock`, also through its door, which is closed again.
 *
 * @param everyPort try every TCP port, not only those that the configuration speaks of.
 * @param inside asks the host itself, through its open door; undefined where nobody can log in.
 */
export async function measure(
  host: FleetHost,
  place: Place,
  knock: KnockOutput | undefined,
  transport: Transport,
  everyPort = false,
  inside: HostQuestion = async () => undefined,
): Promise<Reading> {
  const { family, address, source } = place;
  if (source === undefined) return { family, address, now: null, afterKnock: null };
  // What others of this machine do at the same door meanwhile would be measured with it, and spoil what they do.
  const key = doorKey(transport.vantage.name, address, host.sshPort);
  return withFileLock(
    key,
    () => measureAlone(host, place, knock, transport, everyPort, inside),
    'measurement',
  );
}

async function measureAlone(
  host: FleetHost,
  place: Place,
  knock: KnockOutput | undefined,
  transport: Transport,
  everyPort: boolean,
  inside: HostQuestion,
): Promise<Reading> {
  const { family, address } = place;
  const { ports: served, silence } = await probeOpenPorts(host, place, transport.vantage);
  const look = async (port: number) => (await transport.vantage.probeTcp(address, port, silence)).state;
  const known = [host.sshPort, host.backupPort, ...served.map(({ port }) => port)];
  const [before, backup, first] = await Promise.all([
    look(host.sshPort),
    look(host.backupPort),
    Promise.all(firstPorts(host, known).map(async (port) => ({ port, state: await look(port) }))),
  ]);
  const door = { address, port: host.sshPort };
  let ssh = before;
  if (
    before === 'open' &&
    knock?.close != null &&
    (await knockToClose(door, knock.close, silence, transport.vantage))
  )
    ssh = 'silent';
  const strays = everyPort
    ? await findUnexpectedPorts({ address, vantage: transport.vantage, silence, known })
    : undefined;
  const now = {
    ssh,
    wasOpen: ssh !== before,
    backup,
    ...(first.length === 0 ? {} : { first }),
    served,
    ...(strays === undefined ? {} : { strays }),
  };
  // An open door shows nothing about the knock.
  const afterKnock =
    knock === undefined || isDeaf(host, place) || ssh === 'open'
      ? null
      : await tryKnock(door, knock, silence, transport, inside);
  return { family, address, now, afterKnock };
}

/**
 * Where a host answers that is as it was before its first change: the port of then, and that of every fresh image. What rules
 * of the host's own let in there is not known.
 */
export function firstPorts(
  { firstPort, exposure }: Pick<FleetHost, 'firstPort' | 'exposure'>,
  known: readonly number[],
): number[] {
  if (firstPort === null) return [];
  const kept = exposure.some(({ access }) => access.to === 'unknown');
  const ports = kept ? [firstPort] : [...new Set([firstPort, 22])];
  return ports.filter((port) => !known.includes(port));
}

async function tryKnock(
  door: { readonly address: string; readonly port: number },
  { open, close }: KnockOutput,
  silence: number,
  transport: Transport,
  inside: HostQuestion,
): Promise<KnockReading> {
  const opened = await knockToOpen(door, open, transport, false);
  if (typeof opened === 'string') return { ssh: opened };
  const { socket, knocks, milliseconds } = opened;
  socket?.resetAndDestroy();
  const words = await inside();
  const closed =
    close === null
      ? 'time'
      : (await knockToClose(door, close, silence, transport.vantage))
        ? 'sequence'
        : 'no';
  return { ssh: 'open', knocks, milliseconds, closed, ...words };
}
