import path from 'node:path';
import { LabError } from './error.ts';

/** Which lab host: `owner` is who it belongs to, so that several projects on one machine don't collide. */
export interface VpsId {
  /** Short id of lower-case letters, digits and dashes, at most 60: a project's, or `test-<pid>-<start time>-…`. */
  readonly owner: string;
  /** The host name: one DNS label, at most 63 characters. */
  readonly name: string;
}

/**
 * Where images and hosts are kept: `POSTERN_LAB_HOME`, default `/var/lib/postern-lab`.
 *
 * @throws {LabError} if it is not an absolute path, or has characters that overlay mounts cannot take
 */
export function labHome(): string {
  const home = process.env.POSTERN_LAB_HOME ?? '/var/lib/postern-lab';
  if (!path.isAbsolute(home) || /[\s,:\\"']/.test(home)) {
    throw new LabError(
      `POSTERN_LAB_HOME is ${JSON.stringify(home)}; give an absolute path without spaces, commas, colons and quotes`,
    );
  }
  return path.normalize(home).replace(/(.)\/+$/, '$1');
}

/**
 * The folder of a host, there or not; lab/host/lib.sh says what it holds.
 *
 * @throws {LabError} if owner or name are not what {@link VpsId} allows
 */
export function hostFolder({ owner, name }: VpsId): string {
  checkLabel('owner', owner, 60);
  checkLabel('name', name, 63);
  return path.join(labHome(), 'hosts', owner, name);
}

function checkLabel(what: string, label: string, longest: number): void {
  if (label.length > longest || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) {
    throw new LabError(
      `a lab host's ${what} is ${JSON.stringify(label)}; use 1 to ${longest} lower-case letters, digits and inner dashes`,
    );
  }
}
