import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sequences } from '../../posture/knock/sequence.ts';

/** The folder of what the peers run. */
export const PEERS = join(import.meta.dirname, '../peers');

/** The sequences that stand in `peers/files/knockd.conf`. */
export const PEER_SEQUENCES: Sequences = {
  open: [
    { port: 21071, protocol: 'tcp' },
    { port: 8437, protocol: 'udp' },
    { port: 30190, protocol: 'tcp' },
    { port: 12011, protocol: 'udp' },
  ],
  close: [
    { port: 19211, protocol: 'udp' },
    { port: 27002, protocol: 'tcp' },
    { port: 9743, protocol: 'tcp' },
    { port: 31305, protocol: 'udp' },
  ],
};

/**
 * Installs pyinfra and ansible-core from PyPI below `folder`, once.
 *
 * @returns why they could not be had; undefined when they are there.
 */
export async function installPeers(folder: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await promisify(execFile)('sh', [join(PEERS, 'install.sh'), folder], { signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const said = (error as { stderr?: string }).stderr?.trim() || String(error);
    return said.split('\n').slice(-3).join(' ');
  }
}
