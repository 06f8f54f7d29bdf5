import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp } from '../../remote/probe.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { freshVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from './door.ts';
import { hardened, inside, jobFor, remembered, type Sections } from './fixture.ts';

describe('a sealed host that is changed again', () => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps);
    sealed = remembered(job, await hardened(job));
  });

  /** Changes it, keeping the sequences unless `rotate`. */
  async function change(sections: Sections, rotate = false): Promise<void> {
    const next = await jobFor(vps, sections, sealed);
    job = rotate ? next : { ...next, sequences: sealed.sequences };
    sealed = remembered(job, await hardened(job));
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  }

  const state = async (port: number, sourceAddress?: string) =>
    (await probeTcp({ address: vps.address, port, timeoutMilliseconds: 500, sourceAddress })).state;

  it('to what it is already', async () => {
    const hostKeys = sealed.hostKeys;
    await change({});
    expect(sealed.hostKeys).toEqual(hostKeys);
  });

  it('to other sequences: the old ones open nothing', async () => {
    const { open } = sealed.sequences;
    await change({}, true);
    await inside(vps, 'echo / >/proc/net/xt_recent/postern4');
    expect(await knocked(vps, job, open, 'open')).toBe(false);
    expect(await knockedOpen(vps, job)).toBe(true);
  });

  it('to another ssh port, other services, and an api for some networks only', async () => {
    const from = [`${vps.otherClients[0]}/32`, `${vps.otherClientsV6[0]}/128`];
    const rules = [{ port: 8443, protocol: 'tcp', from: 'anywhere', purpose: 'metrics' }];
    await change({ ssh: { port: 2200 }, firewall: { p2p: null, api: { from }, rules } });
    expect(await state(22)).toBe('silent');
    expect(await state(4002)).toBe('silent');
    expect(await state(8443)).toBe('refused');
    expect(await state(4003)).toBe('silent');
    expect(await state(4003, vps.otherClients[0])).toBe('refused');
    expect(await front(vps, job)).not.toBe('refused');
    expect(await knockedOpen(vps, job)).toBe(true);
  });

  it('to no service at all', async () => {
    await change({ ssh: { port: 2200 }, firewall: { p2p: null, api: null } });
    expect(await state(8443)).toBe('silent');
    expect(await state(4003, vps.otherClients[0])).toBe('silent');
  });

  it('to new host keys, which the client knows first', async () => {
    const old = sealed.hostKeys;
    await change({ ssh: { port: 2200, hostKeyGeneration: 1 }, firewall: { p2p: null, api: null } });
    expect(sealed.hostKeys).toHaveLength(old.length);
    expect(sealed.hostKeys.filter((key) => old.includes(key))).toEqual([]);
    const files = await inside(vps, 'cat /etc/ssh/ssh_host_ed25519_key.pub /etc/ssh/ssh_host_rsa_key.pub');
    for (const key of sealed.hostKeys) expect(files).toContain(key);
  });
});
