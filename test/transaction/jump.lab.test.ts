import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import type { Hop } from '../../remote/ssh/target.ts';
import { vantageBy, withVantage } from '../../remote/vantage/choose.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { clientIdentity, freshVps } from '../lab/fixture.ts';
import { besideAddress, plug } from './beside.ts';
import { front } from './door.ts';
import { hardened, inside, jobFor, remembered, type Sections } from './fixture.ts';

describe('a host behind a jump host', () => {
  let jump: LabVps;
  let target: LabVps;
  let hop: Hop;
  let unplug = async () => {};
  let job: Job;
  let sealed: Previous;
  beforeAll(async () => {
    jump = await freshVps();
    target = await freshVps();
    unplug = await plug(jump, target);
    const { address, port, user, hostKeys } = jump;
    hop = { address, port, user, hostKeys, identity: { file: (await clientIdentity()).file } };
  });
  afterAll(() => unplug());

  async function behind(sections: Sections = {}, previous?: Previous): Promise<Job> {
    const direct = await jobFor(target, sections, previous);
    return { ...direct, initialAccess: { ...direct.initialAccess, jump: hop } };
  }

  /** What the jump host finds at the target's ssh port. */
  const fromJump = () =>
    withVantage(hop, async (vantage) => (await vantage.probeTcp(target.address, 22, 1000)).state);

  /** Takes programs away from the jump host, whose root logs in to a plain shell then; resolves to what puts them back. */
  async function hide(tools: readonly string[]): Promise<() => Promise<void>> {
    const moved = (from: string, to: string) =>
      tools.map((tool) => `mv /usr/bin/${tool}${from} /usr/bin/${tool}${to}`);
    await inside(jump, ['usermod -s /bin/sh root', ...moved('', '.away')].join(' && '));
    return async () => {
      await inside(jump, [':', ...moved('.away', '')].join(' && '));
    };
  }

  it.each([['bash'], ['python3']])('hears each knock once, sent with %s', async (tool) => {
    // Dropped, so that a connection that is not ended would be tried again.
    await inside(
      target,
      `nft add table inet ears && nft add chain inet ears in '{ type filter hook input priority -300; }'
      for p in 7101 7103 7104; do nft add rule inet ears in tcp dport $p tcp flags syn counter drop; done
      for p in 7102 7105; do nft add rule inet ears in udp dport $p counter drop; done`,
    );
    const putBack = await hide([tool === 'bash' ? 'python3' : 'bash']);
    const vantage = vantageBy(hop);
    try {
      const knock = (port: number) =>
        ({ port, protocol: [7102, 7105].includes(port) ? 'udp' : 'tcp' }) as const;
      await vantage.knock(target.address, [7103, 7102, 7101, 7104, 7105].map(knock));
      expect((await vantage.probeTcp(target.address, 7101, 500)).state).toBe('silent');
      await sleep(2500);
      const counted = await inside(target, 'nft list chain inet ears in');
      const packets = [...counted.matchAll(/dport (\d+).*counter packets (\d+)/g)].map(([, port, n]) => [
        port,
        n,
      ]);
      expect(Object.fromEntries(packets)).toEqual({ 7101: '2', 7102: '1', 7103: '1', 7104: '1', 7105: '1' });
    } finally {
      await vantage.close();
      await putBack();
      await inside(target, 'nft delete table inet ears');
    }
  });

  it('takes a change back that cannot be proven from there', async () => {
    await expect(hardened(await behind({ knock: { interface: 'lo' } }))).rejects.toThrow(
      /after the right sequence .*: expected open, saw still closed.*rolled the change back and is as it was/s,
    );
    expect(await fromJump()).toBe('open');
  });

  it('is sealed; its door is closed from here, and opens for the jump host alone', async () => {
    job = await behind({ verify: { ipv6: 'require' } });
    const result = await hardened(job);
    sealed = remembered(job, result);
    expect(result.verifiedV6).toBe(true);
    const seen = result.evidence.filter(({ check }) => check === 'addresses that the host lets in');
    expect(seen.map((evidence) => [evidence.family, evidence.seen])).toContainEqual([
      'ipv4',
      besideAddress(target),
    ]);
    expect(await front(target, job)).toBe('silent');
    expect(await fromJump()).toBe('silent');
    await withVantage(hop, async (vantage) => {
      await expect
        .poll(
          async () => {
            await vantage.knock(target.address, job.sequences.open);
            return (await vantage.probeTcp(target.address, 22, 700)).state;
          },
          // knockd forgets half a sequence after its timeout only, so not at once again.
          { timeout: 30_000, interval: 6000 },
        )
        .toBe('open');
      expect(await front(target, job)).toBe('silent');
    });
  });

  it('is entered by a knock from there for the next change, and for looking at it', async () => {
    const reported: string[] = [];
    job = await behind({}, sealed);
    sealed = remembered(job, await hardened(job, (text) => reported.push(text)));
    expect(reported[0]).toMatch(/^logged in by the knocked front door/);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
    expect(await front(target, job)).toBe('silent');
  });

  it('says what has to be installed on a jump host that cannot knock, before anything is changed', async () => {
    const putBack = await hide(['bash', 'python3']);
    try {
      await expect(hardened(await behind({}, sealed))).rejects.toThrow('install python3');
    } finally {
      await putBack();
    }
  });

  it('is given back', async () => {
    await restoreHost(job, sealed, () => {});
    expect(await front(target, job)).toBe('open');
  });
});
