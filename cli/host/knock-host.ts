import { engineNamed } from '../../posture/knock/engines.ts';
import { CommandError, exitCode } from '../command-line/exit.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { ifKnockable, unfinishedDoors } from '../stack/unfinished.ts';
import { type ClosedState, type DoorAddress, knockToOpen, type Opened, type Transport } from './door.ts';
import type { Place } from './family.ts';

/** A door that opened, and the host as that door shows it to be. */
export interface OpenedHost extends Opened {
  /** As the state has it proven, or as a change would have it whose end was not seen. */
  readonly inForce: FoundHost;
}

const meanings: Readonly<Record<ClosedState, string>> = {
  silent: 'stayed silent',
  refused: 'refused the connection: the knock may have worked, but no sshd listens there',
  unreachable: 'was reported unreachable by the network',
};

/** A host's front door at one of its places. */
export function frontDoor({ host }: FoundHost, { address }: Place): DoorAddress {
  return { address, port: host.sshPort };
}

/** Whether no knock is heard there, and the door stays shut: not every engine knows IPv6. */
export function isDeaf(
  host: Pick<FoundHost['host'], 'knockEngine'>,
  { family }: Pick<Place, 'family'>,
): boolean {
  return family === 6 && engineNamed(host.knockEngine)?.deafOverIpv6() !== undefined;
}

/**
 * Knocks until a host's door is open: as it was proven, then as changes would have it whose end was not seen.
 *
 * @throws CommandError `door` that says what was seen and what to look at; RemoteError when nothing could be sent.
 */
export async function openHost(found: FoundHost, place: Place, transport: Transport): Promise<OpenedHost> {
  if (isDeaf(found.host, place))
    throw new CommandError(
      `${found.host.name} hears no knock over IPv6: its engine, ${found.host.knockEngine}, knows IPv4 only, and the door stays shut over IPv6. Try -4.`,
      exitCode.door,
    );
  const opened = await knockToOpen(frontDoor(found, place), found.knock.open, transport);
  if (typeof opened !== 'string') return { ...opened, inForce: found };
  for (const inForce of unfinishedDoors(found)) {
    const late = await ifKnockable(() =>
      knockToOpen(frontDoor(inForce, place), inForce.knock.open, transport),
    );
    if (late !== undefined && typeof late !== 'string') return { ...late, inForce };
  }
  const { name, sshPort, knockEngine } = found.host;
  const rest =
    engineNamed(knockEngine)?.clockTolerance !== undefined
      ? 'Do its clock and this machine’s agree within two minutes?'
      : `Try -${place.family === 4 ? 6 : 4}.`;
  throw new CommandError(
    `The door of ${name} did not open over IPv${place.family}: port ${sshPort} at ${place.address}, tried from ${transport.vantage.name}, ${meanings[opened]}.\n` +
      `A knock opens the door for the address and the IP version that it came by. Is the host up? Does this network let TCP and UDP out to all ports? ${rest} What says which link is broken: npx --no-install postern doctor ${name} --stack ${found.stack}`,
    exitCode.door,
  );
}
