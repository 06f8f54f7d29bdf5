import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Release } from './base.ts';
import type { Disk } from './disk.ts';
import { hostFolder, type VpsId } from './home.ts';

/** A VPS on this machine, as a provider's API would describe it. */
export interface LabVps extends VpsId {
  readonly release: Release;
  /** The disk of its own, where it has one. */
  readonly disk?: Disk;
  /** IPv4 address, 10.213.N.2; stays the same for the host's life. */
  readonly address: string;
  /** IPv6 address, fd0a:d213:N::2. */
  readonly addressV6: string;
  /** This machine's address on the host's network; a client here comes from it. */
  readonly gateway: string;
  readonly gatewayV6: string;
  /** Further addresses of this machine on the host's network: bind to one to be another client. */
  readonly otherClients: readonly string[];
  readonly otherClientsV6: readonly string[];
  readonly port: 22;
  readonly user: 'root';
  /** The SSH host keys it was created with, `type base64` a key, ed25519 first; read from its files. */
  readonly hostKeys: readonly string[];
  /** Its mounted root file system, for looking at files from outside. */
  readonly root: string;
}

/**
 * Describes an existing host.
 *
 * @returns undefined if there is no such host, or it is only half made
 */
export async function readVps(id: VpsId): Promise<LabVps | undefined> {
  const folder = hostFolder(id);
  const [release, index, mebibytes] = await Promise.all(
    ['release', 'index', 'mebibytes'].map((file) =>
      readFile(path.join(folder, file), 'utf8').catch(() => undefined),
    ),
  );
  if (release === undefined || index === undefined) return undefined;
  const hostKeys = await readHostKeys(path.join(folder, 'identity/etc/ssh'));
  if (hostKeys === undefined) return undefined;
  const n = Number.parseInt(index, 10);
  return {
    owner: id.owner,
    name: id.name,
    release: release.trim() as Release,
    ...(mebibytes === undefined ? {} : { disk: { mebibytes: Number.parseInt(mebibytes, 10) } }),
    address: `10.213.${n}.2`,
    addressV6: `fd0a:d213:${n}::2`,
    gateway: `10.213.${n}.1`,
    gatewayV6: `fd0a:d213:${n}::1`,
    otherClients: [`10.213.${n}.3`, `10.213.${n}.4`],
    otherClientsV6: [`fd0a:d213:${n}::3`, `fd0a:d213:${n}::4`],
    port: 22,
    user: 'root',
    hostKeys,
    root: path.join(folder, 'root'),
  };
}

/** Undefined where the host is being destroyed at this moment. */
async function readHostKeys(folder: string): Promise<string[] | undefined> {
  const all = await readdir(folder).catch(() => undefined);
  if (all === undefined) return undefined;
  const files = all.filter((file) => file.endsWith('.pub'));
  const keys = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const preference = (key: string) => (key.startsWith('ssh-ed25519') ? 0 : 1);
  return keys
    .map((key) => key.split(' ').slice(0, 2).join(' ').trim())
    .sort((a, b) => preference(a) - preference(b) || a.localeCompare(b));
}
