import { existsSync } from 'node:fs';
import { DEFAULT_RELEASE, ensureBase, type Release } from './base.ts';
import type { Disk } from './disk.ts';
import { LabError } from './error.ts';
import { hostFolder, labHome, type VpsId } from './home.ts';
import { powerCut } from './power.ts';
import { runLabProgram } from './program.ts';
import { waitForBoot, waitForSsh } from './ready.ts';
import { labSupport } from './support.ts';
import { type LabVps, readVps } from './vps.ts';

/** What a new host should be. */
export interface CreateVpsOptions extends VpsId {
  /** Default bookworm. */
  readonly release?: Release;
  /** A disk of its own. Default: none, it writes into a folder of this machine. */
  readonly disk?: Disk;
  /** Public keys, a line each, that may log in as root. */
  readonly authorizedKeys: readonly string[];
  /** Secret. Default: root has no password, though sshd would take one. */
  readonly rootPassword?: string;
  /** Called with a line for each step that takes a while. */
  readonly onProgress?: (line: string) => void;
}

/** A boot can hang on a machine under load; pulling the plug helps there as elsewhere. */
const BOOT_ATTEMPTS = 3;

/**
 * Makes a VPS as a cloud provider would: Debian, root on port 22 with the given keys, passwords on, no firewall.
 * Takes 1 to 2 s once the image is there. A host that exists is returned as it is, powered on if it was off:
 * keys and password are those it was created with. The host lives on when this process ends.
 *
 * @throws {LabError} if this machine has no lab, the host exists with another release or disk, or it does not come up
 */
export async function createVps(options: CreateVpsOptions): Promise<LabVps> {
  const { release = DEFAULT_RELEASE, disk, onProgress } = options;
  const support = labSupport();
  if (!support.ok) throw new LabError(support.reason);
  const stdin = identityInput(options);
  const base = existsSync(hostFolder(options)) ? '' : await ensureBase(release, onProgress);
  const found = await runLabProgram(
    'host/create.sh',
    [labHome(), options.owner, options.name, release, base, mebibytesOf(disk)],
    { stdin },
  );
  const vps = await describe(options);
  if (vps.release !== release) {
    throw new LabError(
      `lab host ${vps.name} exists with ${vps.release}; destroy it first to have it with ${release}`,
    );
  }
  if (vps.disk?.mebibytes !== disk?.mebibytes) {
    const has = (given?: Disk) =>
      given === undefined ? 'no disk of its own' : `a disk of ${given.mebibytes} MiB`;
    throw new LabError(
      `lab host ${vps.name} exists with ${has(vps.disk)}; destroy it first to have it with ${has(disk)}`,
    );
  }
  if (found === 'created') await bootFirst(vps, onProgress);
  // An existing host may have closed port 22 long ago; ask systemd in it instead.
  else await waitForBoot(vps);
  return vps;
}

/**
 * Puts a host back to the state in which it was created and boots it: same name, address, host keys, authorized keys
 * and password, everything else as in the image.
 *
 * @throws {LabError} if there is no such host, or it does not come up
 */
export async function resetVps(id: VpsId, onProgress?: (line: string) => void): Promise<LabVps> {
  hostFolder(id);
  await runLabProgram('host/reset.sh', [labHome(), id.owner, id.name]);
  const vps = await describe(id);
  await bootFirst(vps, onProgress);
  return vps;
}

function mebibytesOf(disk: Disk | undefined): string {
  if (disk === undefined) return '';
  const { mebibytes } = disk;
  if (Number.isInteger(mebibytes) && mebibytes >= 64) return String(mebibytes);
  throw new LabError(`a lab host's disk is ${mebibytes} MiB; give a whole number of at least 64`);
}

async function describe(id: VpsId): Promise<LabVps> {
  const vps = await readVps(id);
  if (!vps)
    throw new LabError(`lab host ${id.name} of owner ${id.owner} was destroyed while it was being made`);
  return vps;
}

async function bootFirst(vps: LabVps, onProgress?: (line: string) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await waitForSsh(vps);
    } catch (error) {
      if (attempt === BOOT_ATTEMPTS) throw error;
      onProgress?.(`${vps.name} does not come up; cutting its power and trying again`);
      // A host that its supervisor has given up on has no power to cut; what it died of is the error to show.
      await powerCut(vps).catch(() => Promise.reject(error));
    }
  }
}

function identityInput({ authorizedKeys, rootPassword = '' }: CreateVpsOptions): string {
  const lines = [rootPassword, ...authorizedKeys.map((key) => key.trim())];
  if (lines.some((line) => /[\r\n\0]/.test(line))) {
    throw new LabError('an authorized key or the root password has a line break in it; give one line each');
  }
  return `${lines.join('\n')}\n`;
}
