import { RemoteError } from '../../remote/error.ts';
import { knockToClose, knockToOpen } from '../host/door.ts';
import { frontDoor } from '../host/knock-host.ts';
import type { HostAccess } from '../host/session.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { ifKnockable, unfinishedDoors } from '../stack/unfinished.ts';
import { answers } from '../status/findings.ts';
import { listenInside } from './arrival.ts';
import { broken, type Check, ok, unknown } from './check.ts';
import { unitOf } from './closed-door.ts';

/** What the door did, and whether it is open now. */
export interface DoorChecks {
  readonly links: Check[];
  readonly isOpen: boolean;
  /** Something was heard of the host: it is up. */
  readonly isUp: boolean;
  /** The host as its door shows it to be, where that is not as it was proven. */
  readonly inForce?: FoundHost;
}

const restart =
  'sshd is down. In the provider’s console: systemctl restart ssh; journalctl -u ssh says why it ended.';

/** Is told what begins and may take a while. */
export type Progress = (step: string) => void;

/** Knocks until the door is open; where it stays shut, finds out why as far as anybody can get inside. */
export async function throughDoor(
  access: HostAccess,
  others: readonly HostAccess[],
  { project, silence, say }: { project: string; silence: number; say: Progress },
): Promise<DoorChecks> {
  const { found, place, transport } = access;
  const { vantage } = transport;
  const { host } = found;
  const door = frontDoor(found, place);
  const port = `port ${door.port}`;
  try {
    let before = (await vantage.probeTcp(door.address, door.port, silence)).state;
    if (answers(before) && (await closed(access, silence))) before = 'silent';
    if (before === 'open') return { links: [standingOpen(found)], isOpen: true, isUp: true };
    if (before === 'refused')
      return shut([
        ok('knock', 'not needed'),
        broken(
          'sshd',
          `${port} answers with a reset, without a knock now: nothing listens there`,
          `${restart} Unless an earlier knock still holds the door open, its firewall is down as well: systemctl status ${host.firewall} postern-firewall.`,
        ),
      ]);
    say('knocking, up to five times');
    const opened = await knockToOpen(door, found.knock.open, transport);
    if (typeof opened !== 'string') {
      opened.socket?.resetAndDestroy();
      const { knocks, milliseconds } = opened;
      const times = knocks === 1 ? '' : `, at the ${knocks}. attempt`;
      const links = [
        ok('knock', 'left, and was heard'),
        ok('door', `${port} opened after ${milliseconds} ms${times}`),
      ];
      return { links, isOpen: true, isUp: true };
    }
    const late = await lateDoor(access);
    if (late !== undefined) return late;
    if (opened === 'refused')
      return shut([
        ok('knock', 'left, and was heard'),
        ok('door', `${port} answers after the knock`),
        broken('sshd', 'nothing listens there', restart),
      ]);
    say('the door stays shut; knocking again while somebody listens on the host');
    const heard = await listenInside(access, others, project);
    return heard === undefined ? shut(untold(access, opened), false) : shut(heard);
  } catch (error) {
    if (!(error instanceof RemoteError && error.kind === 'local')) throw error;
    const links = [
      broken(
        'knock',
        `could not leave ${vantage.name}`,
        'Check its own firewall and its route to the host: both TCP and UDP have to get out, to any port.',
      ),
    ];
    return shut(links, false);
  }
}

/** The door of a change whose end was not seen, where one opens. */
async function lateDoor({ found, place, transport }: HostAccess): Promise<DoorChecks | undefined> {
  for (const inForce of unfinishedDoors(found)) {
    const opened = await ifKnockable(() =>
      knockToOpen(frontDoor(inForce, place), inForce.knock.open, transport),
    );
    if (opened === undefined || typeof opened === 'string') continue;
    opened.socket?.resetAndDestroy();
    const { host, stack } = inForce;
    const seen = `port ${host.sshPort} opened after ${opened.milliseconds} ms, for a change that was cut off; finish it: npm run up -- ${stack}`;
    return {
      links: [ok('knock', 'left, and was heard'), ok('door', seen)],
      isOpen: true,
      isUp: true,
      inForce,
    };
  }
  return undefined;
}

/** A door that is open after an earlier knock shows nothing about this one, so it is closed first where it can be. */
async function closed({ found, place, transport }: HostAccess, silence: number): Promise<boolean> {
  const { close } = found.knock;
  return close !== null && (await knockToClose(frontDoor(found, place), close, silence, transport.vantage));
}

/** A door that was open before, and that the closing sequence, where there is one, did not shut. */
function standingOpen({ host, knock }: FoundHost): Check {
  const port = `port ${host.sshPort}`;
  if (knock.close === null) return ok('door', `${port} is open already, without a knock now`);
  return broken(
    'door',
    `${port} is open, and the closing sequence does not shut it`,
    `You can get in now, but perhaps not by the next knock: npx --no-install postern ssh ${host.name}, and there: systemctl status ${unitOf(host.knockEngine)} ${host.firewall} postern-firewall.`,
  );
}

function shut(links: Check[], isUp = true): DoorChecks {
  return { links, isOpen: false, isUp };
}

/** Nobody gets inside, so it stays open which of the two it is. */
function untold({ found, place }: HostAccess, met: string): Check[] {
  const { host, stack } = found;
  return [
    unknown(
      'knock',
      'left; whether it arrives cannot be seen from outside',
      `Either something on the way drops it (the provider’s cloud firewall, the network you are in: try another one, or -${place.family === 4 ? 6 : 4}), or what listens for it on the host is down. The provider’s console tells: npx --no-install postern watch ${host.name} -s ${stack} --script prints a program for it that shows which knocks arrive. If all do: systemctl status ${unitOf(host.knockEngine)}.`,
    ),
    unknown('door', `port ${host.sshPort} stays ${met} after the knock`, 'Settle the knock first.'),
  ];
}
