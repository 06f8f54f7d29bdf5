import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventLine, eventOf } from '../../cli/log/event.ts';
import type { LabVps } from '../../lab/vps.ts';
import { sendKnocks } from '../../remote/knock.ts';
import type { Job } from '../../transaction/job.ts';
import { freshVps } from '../lab/fixture.ts';
import { front } from '../transaction/door.ts';
import { hardened, jobFor } from '../transaction/fixture.ts';
import { logPackets, markLog, packetsSince, unlogPackets } from './kernel-log.ts';

/** What this machine's kernel said of a host since a mark, as `postern log` tells it, without the time. */
async function told(vps: LabVps, mark: string): Promise<{ lines: string[]; raw: string }> {
  const raw = await packetsSince(vps, mark);
  const lines = raw.flatMap((line) => {
    const MESSAGE = line.replace(/^\[[^\]]*\] /, '');
    const event = eventOf({ MESSAGE, __REALTIME_TIMESTAMP: '0', __CURSOR: 's=0' }, { open: 4, close: 4 });
    return event === undefined ? [] : [eventLine(event).replace(/^\S+ \S+ {2}/, '')];
  });
  return { lines, raw: raw.join('\n') };
}

describe.each(['nftables', 'ufw'] as const)('what the kernel engine on %s logs of knocks', (backend) => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, { knock: { engine: 'kernel' }, firewall: { backend } });
    await hardened(job);
    logPackets();
  });
  afterAll(unlogPackets);

  it.each([4, 6] as const)('is what happened over IPv%i, without a port of the sequence', async (family) => {
    const mark = markLog(`${backend} ${family}`);
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
