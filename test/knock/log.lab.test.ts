import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventLine, eventOf } from '../../cli/log/event.ts';
import type { LabVps } from '../../lab/vps.ts';
import { sendKnocks } from '../../remote/knock.ts';
import type { Job } from '../../transaction/job.ts';
import { freshVps } from '../lab/fixture.ts';
import { front } from '../transaction/door.ts';
import { hardened, jobFor } from '../transaction/fixture.ts';

// On a VPS the kernel's lines are in its journal; what the kernel says of a network namespace goes to this machine's own
// log, and only where that is asked for.
const SWITCH = '/proc/sys/net/netfilter/nf_log_all_netns';

/** What this machine's kernel said of a host since a mark, as `postern log` tells it, without the time. */
async function told(vps: LabVps, mark: string): Promise<{ lines: string[]; raw: string }> {
  const { stdout } = await promisify(execFile)('dmesg', [], { maxBuffer: 1 << 24 });
  const all = stdout.slice(stdout.lastIndexOf(mark)).split('\n');
  const raw = all.filter((line) => line.includes(`DST=${vps.address}`) || line.includes(`DST=${long(vps)}`));
  const lines = raw.flatMap((line) => {
    const MESSAGE = line.replace(/^\[[^\]]*\] /, '');
    const event = eventOf({ MESSAGE, __REALTIME_TIMESTAMP: '0', __CURSOR: 's=0' }, { open: 4, close: 4 });
    return event === undefined ? [] : [eventLine(event).replace(/^\S+ \S+ {2}/, '')];
  });
  return { lines, raw: raw.join('\n') };
}

/** As the kernel prints it. */
function long({ addressV6 }: LabVps): string {
  const [head = '', tail = ''] = addressV6.split('::');
  const ends = [head.split(':'), tail.split(':')] as const;
  const zeros = Array.from({ length: 8 - ends[0].length - ends[1].length }, () => '0');
  return [...ends[0], ...zeros, ...ends[1]].map((group) => group.padStart(4, '0')).join(':');
}

describe.each(['nftables', 'ufw'] as const)('what the kernel engine on %s logs of knocks', (backend) => {
  let vps: LabVps;
  let job: Job;
  const before = readFileSync(SWITCH, 'utf8');
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, { knock: { engine: 'kernel' }, firewall: { backend } });
    await hardened(job);
    writeFileSync(SWITCH, '1');
  });
  afterAll(() => writeFileSync(SWITCH, before));

  it.each([4, 6] as const)('is what happened over IPv%i, without a port of the sequence', async (family) => {
    const mark = `postern test ${process.pid} ${backend} ${family}`;
    writeFileSync('/dev/kmsg', mark);
    const address = family === 4 ? vps.address : vps.addressV6;
    const [sourceAddress = ''] = family === 4 ? vps.otherClients : vps.otherClientsV6;
    const from = { address, sourceAddress };
    for (const sequence of [job.sequences.open, job.sequences.close ?? []]) {
      await sendKnocks({ ...from, sequence: sequence.slice(0, 2) });
      await front(vps, job, from);
      await sendKnocks({ ...from, sequence: sequence.slice(2) });
      await front(vps, job, from);
    }
    const { lines, raw } = await told(vps, mark);
    const who = sourceAddress.padEnd(15);
    const wanted =
      backend === 'nftables'
        ? [
            ...['stage 1 of 4', 'stage 2 of 4', 'stage 3 of 4', 'opened for 30 s'],
            ...['stage 1 of 4', 'stage 2 of 4', 'stage 3 of 4'].map(
              (text) => `${text} of the closing sequence`,
            ),
            'closed',
          ]
        : // iptables cannot hide a port, so it tells when the ssh port is tried.
          ['stage 2 of 4', 'opened for 30 s', 'stage 2 of 4 of the closing sequence', 'closed'];
    expect([...new Set(lines)]).toEqual(wanted.map((text) => `${who}  ${text}`));
    for (const { port } of [...job.sequences.open, ...(job.sequences.close ?? [])])
      expect(raw).not.toContain(`DPT=${port} `);
  });
});
