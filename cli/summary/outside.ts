import { execFile } from 'node:child_process';
import { localVantage } from '../../remote/vantage/local.ts';
import { mapBounded } from '../command-line/map-bounded.ts';
import type { FleetHost } from '../stack/outputs.ts';
import { firstPorts } from '../status/measure.ts';

/** Milliseconds in which an open port answers; what takes longer, `postern status` sees. */
const PATIENCE = 1000;

/** Hosts looked at side by side. */
const TOGETHER = 64;

/**
 * Looks from outside whether hosts that a run left unchanged are still there as they were sealed: one that was made anew is open
 * on the port of any fresh image, or shows other host keys. Nothing is knocked at, and a host behind a jump host is left out.
 *
 * @returns why one is not, by its name.
 */
export async function madeAnew(hosts: readonly FleetHost[]): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  await mapBounded(
    hosts.filter(({ jump }) => jump === null),
    TOGETHER,
    async (host) => {
      const why = await lookAt(host).catch(() => undefined);
      if (why !== undefined) seen.set(host.name, why);
    },
  );
  return seen;
}

async function lookAt(host: FleetHost): Promise<string | undefined> {
  const { address, sshPort, backupPort, exposure, hostKeys } = host;
  const vantage = localVantage();
  const literal = await vantage.resolve(address, address.includes(':') ? 6 : 4);
  const isOpen = async (port: number) =>
    (await vantage.probeTcp(literal, port, PATIENCE)).state === 'open' ? [port] : [];
  const served = exposure.flatMap(({ port, access }) => (access.to === 'knocker' ? [] : (port ?? [])));
  const ports = firstPorts(host, [sshPort, backupPort, ...served]);
  const [door, first] = await Promise.all([
    isOpen(sshPort),
    Promise.all(ports.map(isOpen)).then((open) => open.flat()),
  ]);
  if (first.length > 0)
    return `port ${first.join(' and ')} of ${address} is open without a knock, as before its first change`;
  // A door that was knocked at from here is open as well: what it shows tells.
  if (door.length === 0) return undefined;
  const shown = await hostKeysOf(literal, sshPort);
  return shown.length === 0 || shown.some((key) => hostKeys.includes(key))
    ? undefined
    : `port ${sshPort} of ${address} is open and shows host keys that are none of its own`;
}

/** The host keys that an sshd shows, `type base64`; none where it shows none in time. */
function hostKeysOf(address: string, port: number): Promise<string[]> {
  const options = { timeout: 5000, maxBuffer: 64 * 1024 };
  return new Promise((resolve) => {
    execFile('ssh-keyscan', ['-T', '2', '-p', String(port), '--', address], options, (_error, stdout) =>
      resolve(
        stdout.split('\n').flatMap((line) => /^\S+ (\S+ [A-Za-z0-9+/]+={0,2})$/.exec(line.trim())?.[1] ?? []),
      ),
    );
  });
}
