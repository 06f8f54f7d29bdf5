import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sequence, SpaKeys } from '../posture/knock/sequence.ts';
import { RemoteError } from './error.ts';
import { openWorkspace } from './ssh/workspace.ts';

/** fwknop's client. Debian and Ubuntu have it in a package of its own. */
const CLIENT = 'fwknop';

const INSTALL = 'Install it: apt-get install fwknop-client';

/** A sequence with its single packets made, each good for one sending. Others are as they were. */
export async function packetsOf(sequence: Sequence): Promise<Sequence> {
  return Promise.all(
    sequence.map(async ({ spa, ...knock }) =>
      spa === undefined ? knock : { ...knock, payload: await singlePacket(spa) },
    ),
  );
}

/** Why no single packet can be made on this machine, and what to do; undefined when one can. */
export async function spaProblem(client = CLIENT): Promise<string | undefined> {
  try {
    await promisify(execFile)(client, ['--version']);
    return undefined;
  } catch {
    return `fwknop needs fwknop’s client on this machine, and it is not there. ${INSTALL}`;
  }
}

/**
 * Has fwknop's client make a packet, which it does not send: so it leaves like any other knock, from a jump host too.
 * The keys go to it in a file that only this user can read, in a folder of the same kind, and are gone afterwards, also
 * where this process is killed meanwhile.
 *
 * @throws RemoteError `no-client` when there is no client, `local` when it makes none. No text holds a key.
 */
async function singlePacket({ key, hmacKey }: SpaKeys): Promise<string> {
  const workspace = openWorkspace();
  const file = (name: string) => join(workspace.directory, name);
  try {
    await writeFile(file('rc'), rcText(key, hmacKey), { mode: 0o600 });
    const argv = ['--no-home-dir', '--no-save-args', '-E', file('args'), '--rc-file', file('rc'), '--test'];
    // What it prints is the packet's content.
    const making = promisify(execFile)(CLIENT, [...argv, '--save-packet', file('packet')], {
      timeout: 10_000,
    });
    workspace.track(making.child);
    await making;
    const packet = (await readFile(file('packet'), 'ascii')).trim();
    if (!/^[A-Za-z0-9+/]{100,}$/.test(packet)) throw new Error('no packet');
    return packet;
  } catch (error) {
    if (
      error instanceof Error &&
      'path' in error &&
      error.path === CLIENT &&
      'code' in error &&
      error.code === 'ENOENT'
    )
      throw new RemoteError('no-client', `fwknop’s client is missing here. ${INSTALL}`);
    // Its own words may hold what it was given.
    throw new RemoteError('local', 'fwknop’s client made no packet. Is it version 2.6.10 or newer?');
  } finally {
    await workspace.close();
  }
}

/** fwknoprc. Secret. The packet says neither who sends it nor from where: the host takes the address that it came from. */
function rcText(key: string, hmacKey: string): string {
  return `[default]
SPA_SERVER        127.0.0.1
ALLOW_IP          source
ACCESS            tcp/22
SPOOF_USER        postern
KEY_BASE64        ${key}
HMAC_KEY_BASE64   ${hmacKey}
USE_HMAC          Y
HMAC_DIGEST_TYPE  sha256
`;
}
