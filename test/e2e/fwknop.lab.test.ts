import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HostOutput, KnockOutput } from '../../components/outputs.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { awaitOpen } from '../../remote/door.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import { shut } from '../firewall/backends.ts';
import { clientInstead } from '../knock/client.ts';
import { clientIdentity, freshVps, type Identity, ssh } from '../lab/fixture.ts';
import { inside } from '../transaction/fixture.ts';
import { existingHost, operatedBy, TestStack } from './stack.ts';

// In the order in which an operator goes it: from knockd to fwknop, to new keys, and off the host.
const stack = new TestStack();
let existing: LabVps;
let identity: Identity;
let old: Sequence;

async function configure(knock: Record<string, unknown>): Promise<void> {
  await stack.configure({ ...operatedBy(identity), knock, hosts: [existingHost('e2e-1', existing)] });
}

async function knockOf(): Promise<KnockOutput> {
  const knock = ((await stack.output('knock')) as Record<string, KnockOutput>)['e2e-1'];
  if (knock === undefined) throw new Error('no knock');
  return knock;
}

async function opens(sequence: Sequence): Promise<boolean> {
  await shut(existing);
  const { address } = existing;
  await sendKnocks({ address, sequence });
  return (await awaitOpen({ vantage: localVantage(), address, port: 22 })) === 'open';
}

function keysOf({ open, close }: KnockOutput): string[] {
  return [...open, ...(close ?? [])].flatMap(({ spa }) => (spa === undefined ? [] : [spa.key, spa.hmacKey]));
}

/** Has each run of fwknop's client told of: its arguments and its environment. Resolves to all of them. */
async function overhearClient(): Promise<() => Promise<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-overheard-'));
  const heard = join(folder, 'heard');
  const script = `{ printf '%s\\n' "$@"; env; } >>${heard}\nexec /usr/bin/fwknop "$@"`;
  vi.stubEnv('PATH', await clientInstead(folder, script));
  return async () => {
    vi.unstubAllEnvs();
    const text = await readFile(heard, 'utf8');
    await rm(folder, { recursive: true });
    return text;
  };
}

beforeAll(async () => {
  identity = await clientIdentity();
  existing = await freshVps();
});

afterAll(() => stack.remove());

describe('pulumi up with fwknop', () => {
  it('refuses in preview what fwknop cannot do, at its path', async () => {
    await configure({ engine: 'fwknop', spaPort: 0 });
    expect((await stack.pulumi('preview')).output).toContain('knock.spaPort');
    await configure({ engine: 'knockd', spaPort: 62_201 });
    expect((await stack.pulumi('preview')).output).toContain(
      'knock.spaPort: is for knock.engine fwknop, and this is knockd',
    );
  });

  it('goes from knockd to fwknop in one change; the old sequence opens nothing', async () => {
    await configure({ engine: 'knockd' });
    expect(await stack.up()).toMatchObject({ code: 0 });
    const before = await knockOf();
    await configure({ engine: 'fwknop' });
    const overheard = await overhearClient();
    const { code, output } = await stack.up();
    const knock = await knockOf();
    const { open } = knock;
    expect(output).toContain('3 updated');
    expect(code).toBe(0);
    expect(open).toMatchObject([{ protocol: 'udp', spa: { key: expect.any(String) } }]);
    const [host] = (await stack.output('hosts')) as HostOutput[];
    expect(host?.knockEngine).toBe('fwknop');
    expect(await opens(open)).toBe(true);
    const seen = await overheard();
    expect(seen.includes('--save-packet')).toBe(true);
    const exported = await stack.pulumi('stack', 'export');
    const plain = await stack.pulumi('stack', 'output', '--json');
    const journal = await inside(existing, 'journalctl -q --no-pager -o export');
    for (const key of keysOf(knock))
      for (const text of [seen, output, exported.output, plain.output, stack.stored(), journal])
        expect(text.includes(key)).toBe(false);
    expect(await opens(before.open)).toBe(false);
    old = open;
  });

  it('changes nothing when nothing changed', async () => {
    expect((await stack.up()).output).toContain('6 unchanged');
    const refreshed = await stack.pulumi('refresh', '--yes', '--skip-preview');
    expect(refreshed.output).toContain('6 unchanged');
  });

  it('makes new keys, and the old ones open nothing', async () => {
    await configure({ engine: 'fwknop', generation: 1 });
    expect(await stack.up()).toMatchObject({ code: 0 });
    expect(await opens(old)).toBe(false);
    expect(await opens((await knockOf()).open)).toBe(true);
  });

  it('gives the host back', async () => {
    const destroyed = await stack.pulumi('destroy', '--yes', '--skip-preview');
    expect(destroyed).toMatchObject({ code: 0 });
    expect((await ssh(existing, ['id', '-un'])).stdout).toBe('root\n');
    const left = 'ls -A /var/lib | grep postern; systemctl is-active fwknop-server';
    expect(await inside(existing, `${left} || :`)).toBe('inactive\n');
  });
});
