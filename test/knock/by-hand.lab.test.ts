import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeDoor } from '../../bench/close-door.ts';
import { knockScript } from '../../cli/knock-script/knock-script.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { freshVps } from '../lab/fixture.ts';
import { SEQUENCES } from '../posture/fixture.ts';
import { front } from '../transaction/door.ts';
import { hardened, jobFor } from '../transaction/fixture.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/knocking.md'), 'utf8');
const LINES = [...DOCUMENT.matchAll(/```(?:ba)?sh\n(.*)\n```/g)].map(([, line = '']) => line);

function has(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`]);
    return true;
  } catch {
    return false;
  }
}

/** The tool that a line knocks ports with; nothing for fwknop's, which is tried in spa.lab.test.ts. */
function toolOf(line: string): string {
  return ['knock', 'nmap', 'nc', 'telnet', 'bash'].find((tool) => new RegExp(`\\b${tool} `).test(line)) ?? '';
}

describe.each(['knockd', 'kernel'] as const)('knocking at %s by hand', (engine) => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    vps = await freshVps();
    job = { ...(await jobFor(vps, { knock: { engine } })), sequences: SEQUENCES };
    await hardened(job);
  });

  /** Does it, at most three times: a slow machine may send a SYN twice. */
  const opens = async (file: string, args: string[], address = vps.address) => {
    for (let attempt = 0; attempt < 3; attempt++) {
      await closeDoor(vps);
      await promisify(execFile)(file, args).catch(() => {});
      await sleep(300);
      if ((await front(vps, job, { address })) === 'open') return true;
      await sleep(16_000);
    }
    return false;
  };

  // telnet has no UDP.
  describe.each(
    LINES.filter((line) => !['', 'telnet'].includes(toolOf(line))).map(
      (line) => [toolOf(line), line] as const,
    ),
  )('with %s', (tool, line) => {
    it.skipIf(!has(tool))(
      'opens the door with the line of docs/knocking.md',
      async () => {
        expect(await opens('bash', ['-c', line.replaceAll('203.0.113.7', vps.address)])).toBe(true);
      },
      90_000,
    );
  });

  it.each(['python3', 'bash', 'nc', 'knock', 'nmap'].filter(has))(
    'opens the door with the exported script and %s, over IPv4 and IPv6',
    async (tool) => {
      for (const address of [vps.address, vps.addressV6]) {
        const script = knockScript({ name: 'node-1', address, sshPort: 22, sequence: SEQUENCES.open });
        expect(await opens('sh', ['-c', script, 'sh', tool], address)).toBe(true);
      }
    },
    180_000,
  );
});
