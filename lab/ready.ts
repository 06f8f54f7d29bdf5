import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './error.ts';
import { execVps } from './exec.ts';
import { hostFolder, type VpsId } from './home.ts';
import { tail } from './program.ts';
import type { LabVps } from './vps.ts';

/** How long to wait, and for which boot. */
export interface WaitOptions {
  /** Default 30. */
  readonly timeoutSeconds?: number;
  /** Wait for a boot later than this one; a value of {@link bootCount}. Default 0: any. */
  readonly afterBoot?: number;
  /** For {@link waitForSsh}: the port, default 22. */
  readonly port?: number;
}

/** What systemd calls a system that has finished booting. */
const BOOTED = new Set(['running', 'degraded']);

/** How often a host was booted since it was powered on: 1 or more while it runs; a reboot or power cut adds one. */
export async function bootCount(vps: VpsId): Promise<number> {
  const boots = await readFile(path.join(hostFolder(vps), 'boots'), 'utf8').catch(() => '');
  return Number.parseInt(boots, 10) || 0;
}

/**
 * Waits until a host's sshd answers with its banner, over IPv4.
 *
 * @throws {LabError} if it does not in time; the message has what was seen inside and the end of the console
 */
export function waitForSsh(vps: LabVps, options: WaitOptions = {}): Promise<void> {
  const port = options.port ?? vps.port;
  return waitFor(vps, options, `sshd on port ${port} to answer`, async () => seenOfSsh(vps.address, port));
}

/**
 * Waits until a host has finished booting, as systemd in it sees it; needs no network.
 *
 * @throws {LabError} if it does not in time; the message has what was seen inside and the end of the console
 */
export function waitForBoot(vps: VpsId, options: WaitOptions = {}): Promise<void> {
  return waitFor(vps, options, 'the boot to finish', async () => {
    const { stdout, stderr } = await execVps(vps, ['systemctl', 'is-system-running']);
    return BOOTED.has(stdout.trim()) ? undefined : `systemd says ${stdout.trim() || stderr.trim()}`;
  });
}

async function waitFor(
  vps: VpsId,
  { timeoutSeconds = 30, afterBoot = 0 }: WaitOptions,
  what: string,
  /** What is seen while it is not ready; undefined once it is. */
  look: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  const folder = hostFolder(vps);
  const read = (file: string) => readFile(path.join(folder, file), 'utf8').catch(() => '');
  const seen = async () => ((await bootCount(vps)) <= afterBoot ? 'the boot has not begun' : look());
  for (let state = await seen(); state !== undefined; state = await seen()) {
    const failure = await read('failure');
    if (failure !== '' || Date.now() > deadline) {
      const problem = failure.trim() || `waited ${timeoutSeconds} s for ${what}: ${state}`;
      const output = tail(await read('console.log')) || '(empty)';
      throw new LabError(
        `lab host ${vps.name}: ${problem}; ${await circumstances(vps)}\nIts console (${folder}/console.log) ends with:\n${output}`,
      );
    }
    await sleep(20);
  }
}

/** What an sshd that does not answer looks like from here; undefined when it answers. */
function seenOfSsh(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, timeout: 1000 });
    let silence = 'nothing answers';
    const end = (seen: string | undefined) => {
      socket.destroy();
      resolve(seen);
    };
    socket.once('connect', () => {
      silence = 'it takes connections and says nothing for 10 s';
      // On a machine under load sshd needs a while for its first words; to hang up early would give it one more to serve.
      socket.setTimeout(10_000);
    });
    socket.once('data', (data) => {
      const said = data.toString('latin1');
      end(said.startsWith('SSH-2.0-') ? undefined : `it says ${JSON.stringify(said.slice(0, 60))}`);
    });
    socket.once('timeout', () => end(silence));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(`connections end with ${error.code ?? error.message}`),
    );
    socket.once('close', () => end('it closes the connection without a word'));
  });
}

/** What may tell why a host does not get ready, each where it can still be asked. */
async function circumstances(vps: VpsId): Promise<string> {
  const asked =
    'systemctl is-system-running; systemctl list-jobs --no-legend | head -n 5; ip -br address; ss -Hltn';
  const answer = await execVps(vps, ['timeout', '5', 'sh', '-c', asked]).then(
    ({ stdout, stderr }) => `${stdout}${stderr}`.trim(),
    (error: unknown) => `cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
  );
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `boot ${await bootCount(vps)}; load of this machine ${load}; inside the host:\n${answer.replaceAll(/^/gm, '  ')}`;
}
