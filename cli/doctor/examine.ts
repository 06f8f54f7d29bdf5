import { doorKey, lockHolder } from '../../remote/file-lock.ts';
import { knockToClose } from '../host/door.ts';
import { frontDoor, isDeaf } from '../host/knock-host.ts';
import { probeOpenPorts } from '../host/open-ports.ts';
import { type HostAccess, sshTarget } from '../host/session.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { sameDoor } from '../stack/unfinished.ts';
import { broken, type Check, ok } from './check.ts';
import { type Progress, throughDoor } from './door-checks.ts';
import { hostCheck } from './host-check.ts';
import { loginChecks } from './login-checks.ts';

const deafDoor = broken(
  'door',
  'stays shut over IPv6: the host’s engine, fwknop, hears no knock over it',
  'Get in over IPv4: -4. Who has IPv6 alone needs another knock.engine, or a jump host.',
);

const provenNow = broken(
  'door',
  'is being proven by a change that is under way on this machine',
  'Wait until it has ended: a knock from here would spoil its proof.',
);

/**
 * Goes the way of a login over one IP version, link by link, as far as it leads, and closes the door behind itself.
 *
 * @param others further ways through the door of the same host, for listening inside where this one stays shut.
 * @param say is told what begins.
 * @throws RemoteError when the jump host fails.
 */
export async function examine(
  access: HostAccess,
  others: readonly HostAccess[],
  project: string,
  say: Progress,
): Promise<Check[]> {
  const { found, place, transport } = access;
  const { host } = found;
  const named = [host.address, host.addressV6].includes(place.address);
  const address = ok('address', named ? place.address : `${host.address} is ${place.address}`);
  if (place.source === undefined) {
    const advice =
      place.family === 6 ? 'This network may have no IPv6: try -4.' : 'Check the network of this machine.';
    return [address, broken('route', `none leads there from ${transport.vantage.name}`, advice)];
  }
  const route = ok('route', `packets leave from ${place.source}`);
  say('trying the ports that are open without a knock');
  const { ports, silence } = await probeOpenPorts(host, place, transport.vantage);
  if (isDeaf(host, place)) return [address, route, hostCheck(ports, false, host), deafDoor];
  const key = doorKey(transport.vantage.name, place.address, host.sshPort);
  const proving = (await lockHolder(key))?.purpose === 'proof';
  if (proving) return [address, route, provenNow];
  const door = await throughDoor(access, others, { project, silence, say });
  const links = [address, route, hostCheck(ports, door.isUp, host), ...door.links];
  if (!door.isOpen) return links;
  say('logging in');
  const inForce = door.inForce ?? found;
  links.push(...(await anyLogin(access, sameDoor(inForce, found))));
  // One that is broken and open was told to close already.
  const shuts = !door.links.some(({ state }) => state === 'broken');
  const { close } = inForce.knock;
  if (close !== null && shuts)
    await knockToClose(frontDoor(inForce, place), close, silence, transport.vantage);
  return links;
}

/** The login of the first that gets in; where none does, that of the first. */
async function anyLogin(access: HostAccess, variants: readonly FoundHost[]): Promise<Check[]> {
  const tried: Check[][] = [];
  for (const found of variants) {
    const links = await loginChecks(sshTarget({ ...access, found }), found);
    if (links.every(({ state }) => state === 'ok')) return links;
    tried.push(links);
  }
  return tried[0] ?? [];
}
