import { readFile } from 'node:fs/promises';
import net from 'node:net';
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
 * @throws {LabError} if it does not in time; the message has the end of the console
 */
export function waitForSsh(vps: LabVps, options: WaitOptions = {}): Promise<void> {
  const port = options.port ?? vps.port;
  return waitFor(vps, options, `sshd on port ${port} to answer`, async () =>
    (await hasSshBanner(vps.address, port)) ? undefined : 'it does not',
  );
}

/**
 * Waits until a host has finished booting, as systemd in it sees it; needs no network.
 *
 * @throws {LabError} if it does not in time; the message has the end of the console
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
        `lab host ${vps.name}: ${problem}; its console (${folder}/console.log) ends with:\n${output}`,
      );
    }
    await sleep(20);
  }
}

function hasSshBanner(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, timeout: 1000 });
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-2.0-')));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
