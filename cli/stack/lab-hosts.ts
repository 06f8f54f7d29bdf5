import { type ListedVps, listVps } from '../../lab/list.ts';
import { projectOwner, stackOwner } from '../../lab/owner.ts';
import { usageError } from '../command-line/exit.ts';
import { shortName } from '../ssh/pinned.ts';

/** A lab VPS and the stack it belongs to. */
export interface LabHost {
  /** Undefined: it belongs to another project on this machine, or to a test. */
  readonly stack: string | undefined;
  readonly vps: ListedVps;
}

/** The lab's hosts, those of this project only unless `everybody`. */
export async function labHosts(project: string, everybody = false): Promise<LabHost[]> {
  const own = `${projectOwner(project)}-`;
  const hosts = (await listVps()).map((vps) => ({
    stack: vps.owner.startsWith(own) ? vps.owner.slice(own.length) : undefined,
    vps,
  }));
  return everybody ? hosts : hosts.filter(({ stack }) => stack !== undefined);
}

/** Whom a stack's lab hosts belong to. */
export function labOwner(project: string, stack: string): string {
  return stackOwner(project, shortName(stack));
}

/**
 * Finds one of this project's lab hosts.
 *
 * @throws CommandError `usage` naming the choices when there is none or more than one.
 */
export async function findLabHost(
  project: string,
  name: string,
  stack: string | undefined,
): Promise<LabHost> {
  const short = stack === undefined ? undefined : shortName(stack);
  const all = await labHosts(project);
  const fitting = all.filter(
    (host) => host.vps.name === name && (short === undefined || host.stack === short),
  );
  const [found] = fitting;
  if (fitting.length > 1)
    throw usageError(
      `${name} is in several stacks. Say which: ${fitting.map((host) => `--stack ${host.stack}`).join(', ')}`,
    );
  if (found !== undefined) return found;
  const there =
    all.map((host) => `${host.vps.name} (${host.stack})`).join(', ') || 'none; npm run up makes them';
  const where = stack === undefined ? '' : ` in stack ${stack}`;
  throw usageError(`There is no lab host ${JSON.stringify(name)}${where}. There are: ${there}`);
}

/** One of this project's lab hosts, if it is there and has power: somebody at its console could look. */
export async function runningLabVps(
  project: string,
  name: string,
  stack: string,
): Promise<ListedVps | undefined> {
  const all = await labHosts(project);
  return all.find(
    (host) => host.vps.name === name && host.stack === shortName(stack) && host.vps.power === 'on',
  )?.vps;
}
