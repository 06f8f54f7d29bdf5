import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { describeExposure, exposureOf } from '../../posture/exposure/exposure.ts';
import { listen } from '../firewall/backends.ts';
import { freshVps } from '../lab/fixture.ts';
import { hardened, inside, jobFor } from '../transaction/fixture.ts';
import { compare } from './look.ts';
import { unlimitIcmpErrors } from './scan.ts';

const DOCKER = readFileSync(join(import.meta.dirname, '..', 'firewall', 'docker.sh'), 'utf8');

/** A port that docker publishes, past INPUT, and one that a rule of the host's own lets in. */
const PUBLISHED = 8080;
const LET_IN = 9000;

describe('what no table is computed from', () => {
  let vps: LabVps;

  beforeAll(async () => {
    vps = await freshVps();
    await unlimitIcmpErrors(vps);
    await listen(vps, [LET_IN]);
    const { code, stderr } = await execVps(vps, ['sh', '-s', String(PUBLISHED)], { stdin: DOCKER });
    expect(`${code}${stderr}`).toBe('0');
    await inside(vps, `iptables -I INPUT -p tcp --dport ${LET_IN} -j ACCEPT`);
  });

  it('is refused with its rules, before anything is written', async () => {
    const error = await hardened(await jobFor(vps, { firewall: { backend: 'iptables' } })).catch(
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /--dport 9000 -j ACCEPT.*-A DOCKER .*--dport 8080 -j DNAT.*nothing was written/s,
      ),
    });
  });

  it('is said, looked at, and all that answers besides the table, where it is kept', async () => {
    const job = await jobFor(vps, { firewall: { backend: 'iptables', foreignRules: 'keep' } });
    const said: string[] = [];
    const { evidence } = await hardened(job, (text) => said.push(text));
    expect(exposureOf(job.posture).map(describeExposure)).toContain(
      'ipv4 whatever: whom they let in (rules of the host, kept)',
    );
    expect(said.join('\n')).toContain('-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT');
    for (const port of [PUBLISHED, LET_IN])
      expect(evidence).toContainEqual(
        expect.objectContaining({
          check: `tcp ${port}, by a rule of the host that is kept`,
          family: 'ipv4',
          expected: 'not computed',
          // Of the service that was just started, or of the host.
          seen: expect.stringMatching(/^(open|refused)$/),
        }),
      );
    // What these rules can't have opened is proven closed all the same.
    expect(evidence.filter(({ check }) => /^tcp 21, .*443.* before a knock$/.test(check))).toHaveLength(2);
    await inside(vps, 'echo / >/proc/net/xt_recent/postern4; echo / >/proc/net/xt_recent/postern6');
    const { differences } = await compare({ ...job, vps, knocked: [] });
    const over4 = ['knocker', 'bystander'].flatMap((who) =>
      [PUBLISHED, LET_IN].map((port) => `tcp ${port} answers for the ${who} over IPv4, against the table`),
    );
    expect([...differences].sort()).toEqual(over4.sort());
  });
});
