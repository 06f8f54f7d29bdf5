import { setTimeout as sleep } from 'node:timers/promises';
import type { Vantage } from '../remote/vantage.ts';
import type { Report } from './job.ts';

/** The backup port of a host, on which its sshd listens by now. */
export interface BackupPort {
  readonly vantage: Pick<Vantage, 'name' | 'probeTcp'>;
  /** IP literal. */
  readonly address: string;
  readonly port: number;
  /** How long a firewall on the way may take to pass it. */
  readonly seconds: number;
  /** Whom the host's own firewall passes. */
  readonly passed: readonly string[];
}

/** Milliseconds of one look at a port that does not answer. */
const LOOK = 5000;

/**
 * Waits until the backup port answers: the cloud's firewall may take its time to pass a port that it was just told of.
 *
 * @returns milliseconds of a round trip.
 * @throws Error that names what is in the way.
 */
export async function awaitReachable(
  { vantage, address, port, seconds, passed }: BackupPort,
  report: Report,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const end = performance.now() + seconds * 1000;
  for (let looks = 0; ; looks++) {
    signal?.throwIfAborted();
    const left = end - performance.now();
    const { state, rttMilliseconds } = await vantage.probeTcp(
      address,
      port,
      Math.min(LOOK, Math.max(left, 500)),
    );
    if (state === 'open') return rttMilliseconds;
    if (performance.now() >= end)
      throw new Error(
        `port ${port} of ${address} is ${state} from ${vantage.name} for ${seconds} s, though the backup sshd listens on it and the host's own firewall passes it to ${passed.join(' and ')}: a firewall on the way drops it, such as the cloud provider's. Pass that port to this address there; for a droplet, see that deployerCidrs holds it. Where rules take effect later than that, raise backup.waitSeconds`,
      );
    if (looks === 0)
      report(
        `port ${port} is ${state} from here; waiting up to ${seconds} s for a cloud firewall to pass it`,
      );
    await sleep(Math.min(500, Math.max(end - performance.now(), 0)), undefined, { signal });
  }
}
