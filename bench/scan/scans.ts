import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import { formatSequence } from '../../posture/knock/sequence.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { knockAttempts } from '../../remote/knock-retry.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { Job } from '../../transaction/job.ts';
import { closeDoor } from '../close-door.ts';

/** What to scan, and from where. */
export interface ScanOptions {
  readonly vps: LabVps;
  /** What the host was sealed with. */
  readonly job: Job;
  readonly family: 4 | 6;
  readonly scans: number;
  /** Decides the orders; the same seed, the same orders. */
  readonly seed: number;
  /** The scanner meets the ports of the opening sequence in the right order each time, others in between. */
  readonly lucky?: boolean;
  /** Told after each scan how many are done. */
  readonly onScan?: (done: number) => void;
}

/** What came of it. */
export interface ScanResult {
  readonly scans: number;
  /** Packets of all scans. */
  readonly packets: number;
  readonly seconds: number;
  /** Scans after which the ssh port was open for the scanner. */
  readonly opened: number;
  /** How often the right sequence had to be sent afterwards until the door was open; null: it stayed closed. */
  readonly knocksAfterwards: number | null;
}

/**
 * Scans all TCP and UDP ports of a sealed lab host again and again, each time in another random order, and looks after
 * each scan whether the door stands open for the scanner; then knocks from the same address.
 */
export async function runScans(options: ScanOptions): Promise<ScanResult> {
  const { vps, family, scans, seed, onScan } = options;
  const [source = ''] = family === 4 ? vps.otherClients : vps.otherClientsV6;
  const target = family === 4 ? vps.address : vps.addressV6;
  // On standard input, because it is secret.
  const order = options.lucky === true ? formatSequence(options.job.sequences.open) : '';
  const begin = performance.now();
  const scanner = spawn('python3', [join(import.meta.dirname, 'scan.py'), source, target, String(seed)]);
  const lines = createInterface(scanner.stdout)[Symbol.asyncIterator]();
  const errors = collect(scanner);
  let packets = 0;
  let opened = 0;
  await closeDoor(vps);
  try {
    for (let done = 1; done <= scans; done++) {
      scanner.stdin.write(`${order}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`the scanner ended: ${await errors}`);
      packets += Number(value.split(' ')[0]);
      if (await isOpen(options, source, target)) {
        opened += 1;
        await closeDoor(vps);
      }
      onScan?.(done);
    }
  } finally {
    scanner.stdin.end();
    if (scanner.exitCode === null) await once(scanner, 'exit');
  }
  const seconds = (performance.now() - begin) / 1000;
  return {
    scans,
    packets,
    seconds,
    opened,
    knocksAfterwards: await knocksUntilOpen(options, source, target),
  };
}

async function collect({ stderr }: ChildProcessWithoutNullStreams): Promise<string> {
  let text = '';
  for await (const chunk of stderr) text += String(chunk);
  return text.trim();
}

async function isOpen({ job }: ScanOptions, sourceAddress: string, address: string): Promise<boolean> {
  // What was sent has arrived, but a knock daemon takes a moment to act on it.
  await sleep(100);
  const port = job.posture.ssh.port;
  return (await probeTcp({ address, port, sourceAddress, timeoutMilliseconds: 150 })).state === 'open';
}

async function knocksUntilOpen(options: ScanOptions, sourceAddress: string, address: string) {
  for (let attempt = 1; attempt <= 5; attempt++) {
    for (const { knocks, gapMilliseconds } of knockAttempts(options.job.sequences.open, attempt))
      await sendKnocks({ address, sourceAddress, sequence: knocks, gapMilliseconds });
    for (let look = 0; look < 5; look++) if (await isOpen(options, sourceAddress, address)) return attempt;
  }
  return null;
}
