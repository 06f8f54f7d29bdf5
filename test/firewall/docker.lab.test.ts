import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import { probeTcp } from '../../remote/probe.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { host, projectWith } from '../cli/fixture.ts';
import { freshVps } from '../lab/fixture.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { shut } from './backends.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'docker.sh'), 'utf8');

describe('a host where docker publishes a port', () => {
  let vps: LabVps;
  let job: Job;
  let previous: Previous | undefined;
  let rules: string;
  const published = async () =>
    (await probeTcp({ address: vps.address, port: 9080, timeoutMilliseconds: 1000 })).state;
  const dockers = () => inside(vps, "iptables-save | grep -E 'DOCKER|docker0'");

  beforeAll(async () => {
    vps = await freshVps();
    const { code, stderr } = await execVps(vps, ['sh', '-s', '9080'], { stdin: PROGRAM });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    rules = await dockers();
    expect(await published()).toBe('open');
  });

  it.each(['ufw', 'nftables', 'iptables'])(
    'keeps its chains behind %s, and it reaches past',
    async (backend) => {
      job = await jobFor(vps, { firewall: { backend, foreignRules: 'keep' } }, previous);
      previous = remembered(job, await hardened(job));
      expect(await dockers()).toBe(rules);
      expect(await published()).toBe('open');
      expect(await inspect(job, previous, () => {})).toEqual([]);
    },
  );

  it('shows in `postern status --all-ports`', async () => {
    const { address } = vps;
    await shut(vps);
    const output = host('published-1', { address, exposure: exposureOf(job.posture) });
    const { postern } = projectWith({ devnet: { hosts: [output] } });
    const { code, stdout } = await postern('status', '--no-knock', '--all-ports', '--json');
    // Whether it should be reachable is not Postern's to say: the host keeps rules of its own.
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0].readings[0].now.strays).toEqual([
      { first: 9080, last: 9080, state: 'open' },
    ]);
  });
});
