import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hostFolder, labHome, type VpsId } from './home.ts';
import { isRecorded } from './process.ts';
import { type LabVps, readVps } from './vps.ts';

/** A host and whether it has power; `failed`: it did not stay up, and is off. */
export interface ListedVps extends LabVps {
  readonly power: 'on' | 'off' | 'failed';
}

/** All hosts of an owner, or of all owners, by owner and name. */
export async function listVps(owner?: string): Promise<ListedVps[]> {
  const owners = owner === undefined ? await listOwners() : [owner];
  const ids = (await Promise.all(owners.map(listIds))).flat();
  const hosts = await Promise.all(
    ids.map(async (id) => {
      const vps = await readVps(id);
      return vps && { ...vps, power: await powerState(id) };
    }),
  );
  return hosts.filter((host) => host !== undefined);
}

/** Everybody who has hosts here. */
export function listOwners(): Promise<string[]> {
  return readFolder(path.join(labHome(), 'hosts'));
}

/** What an owner has, half-made hosts included. */
export async function listIds(owner: string): Promise<VpsId[]> {
  const entries = await readFolder(path.join(labHome(), 'hosts', owner));
  // A creator killed at the start leaves `.NAME.new`.
  const names = entries.map((entry) => entry.replace(/^\.(.*)\.new$/, '$1'));
  return [...new Set(names)].sort().map((name) => ({ owner, name }));
}

async function powerState(id: VpsId): Promise<ListedVps['power']> {
  const folder = hostFolder(id);
  if (await isRecorded(path.join(folder, 'supervisor'))) return 'on';
  const failure = await readFile(path.join(folder, 'failure'), 'utf8').catch(() => '');
  return failure === '' ? 'off' : 'failed';
}

async function readFolder(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
