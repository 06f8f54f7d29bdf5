import { describe, expect, it } from 'vitest';
import { type Candidate, candidatesText, type Wanted, wantedText } from '../../../posture/candidates.ts';
import type { Sequences } from '../../../posture/knock/sequence.ts';
import { candidates } from '../../../provider/candidates/candidates.ts';
import { hardening } from '../../../provider/hardening/hardening.ts';
import { type PropertyMap, secret, unwrap } from '../../../provider/resource/values.ts';
import { programsDigest } from '../../../transaction/programs.ts';
import { KEY, SEQUENCES, seeded, tcp } from '../../posture/fixture.ts';
import { hardeningInputs, operation, UNKNOWN } from '../inputs.ts';

/** What the engine remembers of a sealed host. */
function sealed(inputs: PropertyMap = hardeningInputs()): PropertyMap {
  const record = { sealedAt: '2026-11-21T00:00:00Z', hostKeys: [], verifiedV6: true, evidence: [] };
  return { ...inputs, programs: programsDigest(), sealed: record, drift: [] };
}

async function checked(news: PropertyMap): Promise<PropertyMap> {
  return (await hardening.check({}, news, operation)).inputs as PropertyMap;
}

async function failures(news: PropertyMap): Promise<readonly { property: string; reason: string }[]> {
  return (await hardening.check({}, news, operation)).failures ?? [];
}

async function changes(olds: PropertyMap, news: PropertyMap): Promise<boolean | undefined> {
  return (await hardening.diff(olds, await checked(news))).changes;
}

/** The bag with one part replaced, at a path such as `posture.ssh.port`. */
function withPart(properties: PropertyMap, path: string, value: unknown): PropertyMap {
  const [key = '', ...rest] = path.split('.');
  const inner = properties[key] as PropertyMap;
  return { ...properties, [key]: rest.length === 0 ? value : withPart(inner, rest.join('.'), value) };
}

describe('the inputs of a hardening', () => {
  it('are accepted with their secrets wrapped, and stay so', async () => {
    const news = hardeningInputs();
    expect(await failures(news)).toEqual([]);
    const inputs = await checked(news);
    expect(inputs['sequences']).toEqual(secret(SEQUENCES));
    expect(inputs['programs']).toBe(programsDigest());
  });

  it.each([
    ['posture.ssh.port', 0],
    ['posture.knock.openSeconds', 1],
    ['posture.admin.user', 'root'],
    ['posture.admin.authorizedKeys', []],
    ['posture.host', 'Node 1'],
    ['way.address', '-oProxyCommand=id'],
    ['way.user', 'root; id'],
    ['way.hostKeys', []],
    ['identity', { file: '/key', more: 1 }],
  ])('are refused at %s', async (path, value) => {
    const found = await failures(withPart(hardeningInputs(), path, value));
    expect(found).toHaveLength(1);
    expect(found[0]?.property.startsWith(path)).toBe(true);
  });

  it('are refused where keys contradict each other', async () => {
    const news = withPart(hardeningInputs(), 'posture.backup.port', 22);
    expect(await failures(news)).toEqual([
      { property: 'posture.backup.port', reason: expect.stringContaining('must differ from ssh.port') },
    ]);
  });

  it('are refused where a code is asked for and nothing is there to make it from', async () => {
    const news = hardeningInputs({ ssh: { secondFactor: 'totp' } });
    expect(await failures(news)).toEqual([
      { property: 'totp', reason: expect.stringContaining('is missing') },
    ]);
    expect(await failures({ ...news, totp: secret('A'.repeat(32)) })).toEqual([]);
    const told = await failures({ ...news, totp: secret('hunter2') });
    expect(told).toEqual([{ property: 'totp', reason: expect.not.stringContaining('hunter2') }]);
  });

  it('are refused where new host keys are asked for and none are given: the host’s own nobody else would know', async () => {
    const news = hardeningInputs({ ssh: { hostKeyGeneration: 1 } });
    expect(await failures(news)).toEqual([
      { property: 'newHostKeys', reason: expect.stringContaining('is missing') },
    ]);
    const keys = { publicKeys: [KEY, KEY], ed25519: 'private', rsa: 'private' };
    expect(await failures({ ...news, newHostKeys: secret(keys) })).toEqual([]);
    expect(await failures({ ...news, newHostKeys: secret(UNKNOWN) })).toEqual([]);
  });

  it('are judged as far as they are known', async () => {
    const unknown = withPart(hardeningInputs(), 'way.address', UNKNOWN);
    expect(await failures(unknown)).toEqual([]);
    const found = await failures(withPart(unknown, 'posture.ssh.port', 0));
    expect(found).toEqual([{ property: 'posture.ssh.port', reason: expect.any(String) }]);
    expect(await failures(withPart(hardeningInputs(), 'posture.network', UNKNOWN))).toEqual([]);
    expect(await failures({ ...hardeningInputs(), sequences: secret(UNKNOWN) })).toEqual([]);
  });

  it('are refused without a word about the ports of a sequence', async () => {
    const random = seeded(5);
    for (let round = 0; round < 200; round++) {
      const ports = Array.from({ length: 1 + random(4) }, () => 10_000 + random(90_000));
      const shapes: unknown[] = [
        { open: tcp(...ports), close: null },
        { open: ports, close: tcp(...ports) },
        { open: tcp(...ports).map((knock) => ({ ...knock, protocol: knock.port })), close: null },
        { open: ports.join(), close: null },
      ];
      const news = { ...hardeningInputs(), sequences: secret(shapes[random(shapes.length)]) };
      const told = JSON.stringify(await failures(news));
      for (const port of ports.filter((port) => port !== 65_535)) expect(told).not.toContain(String(port));
    }
  });
});

describe('the difference of two hardenings', () => {
  it('is none for the same inputs, in whatever order their keys come', async () => {
    const news = hardeningInputs();
    expect(await changes(sealed(), news)).toBe(false);
    const { posture } = news as { posture: PropertyMap };
    const reversed = Object.fromEntries(Object.entries(posture).reverse());
    expect(await changes(sealed(), { ...news, posture: reversed })).toBe(false);
  });

  it.each<[string, PropertyMap]>([
    ['the posture', hardeningInputs({ knock: { openSeconds: 60 } })],
    ['the sequences', hardeningInputs({}, { ...SEQUENCES, open: tcp(9000, 7000, 8000) })],
    ['the closing sequence', hardeningInputs({}, { ...SEQUENCES, close: null })],
    ['the second factor', { ...hardeningInputs(), totp: secret('A'.repeat(32)) }],
    ['the address', withPart(hardeningInputs(), 'way.address', '203.0.113.8')],
    ['the files', { ...hardeningInputs(), files: {} }],
    ['the rules', { ...hardeningInputs(), rules: [] }],
  ])('is a change: %s', async (_name, news) => {
    expect(await changes(sealed(), news)).toBe(true);
  });

  it('is a change when Postern’s own programs on the host are others', async () => {
    expect(await changes({ ...sealed(), programs: '0123456789abcdef' }, hardeningInputs())).toBe(true);
  });

  it('is a change after drift', async () => {
    expect(await changes({ ...sealed(), drift: ['/etc/knockd.conf was changed'] }, hardeningInputs())).toBe(
      true,
    );
  });

  it('is a change when the operator vouches for a host key that is not among the proven ones, once', async () => {
    const news = { ...hardeningInputs(), acceptHostKeys: [KEY] };
    expect(await changes(sealed(), news)).toBe(true);
    expect(await changes(sealed(news), news)).toBe(false);
    const proven = { ...(sealed()['sealed'] as PropertyMap), hostKeys: [KEY] };
    expect(await changes({ ...sealed(), sealed: proven }, news)).toBe(false);
  });

  it('is a change when the host was made anew, with other host keys at the same address', async () => {
    const other = `${KEY}x`;
    const news = withPart(hardeningInputs(), 'way.hostKeys', [other]);
    expect(await changes(sealed(), news)).toBe(true);
    expect(await changes(sealed(news), news)).toBe(false);
    const proven = { ...(sealed()['sealed'] as PropertyMap), hostKeys: [other] };
    expect(await changes({ ...sealed(), sealed: proven }, news)).toBe(false);
  });

  it('is a change when something else was wanted since the last proof: the host may have it', async () => {
    const door = { port: 22, user: 'ops', ...SEQUENCES };
    const text = (...doors: object[]) => secret(JSON.stringify(doors.map((each, id) => ({ id, ...each }))));
    const withDoors = (...doors: object[]) => ({ ...hardeningInputs(), candidates: text(...doors) });
    const proven = (id: unknown) => ({
      ...sealed(),
      sealed: { ...(sealed()['sealed'] as PropertyMap), candidate: id },
    });
    expect(await changes(proven(1), withDoors(door, door))).toBe(false);
    expect(await changes(proven(2), withDoors(door, { ...door, port: 2200 }, door))).toBe(true);
    expect(await changes(proven(0), withDoors(door, { ...door, port: 2200 }, door))).toBe(false);
    expect(await changes(proven(1), withDoors({ ...door, identity: { file: '/other' } }, door))).toBe(false);
    // A state from before there were candidates.
    expect(await changes(sealed(), withDoors(door))).toBe(false);
  });

  it('is told in a preview, where what is about to be written down is unknown, as the change would find it', async () => {
    const door = { port: 22, user: 'ops', ...SEQUENCES };
    const written = (...doors: Candidate[]) => ({ host: 'seen', known: candidatesText(doors), wanted: '' });
    const proven = { ...sealed(), sealed: { ...(sealed()['sealed'] as PropertyMap), candidate: 'a' } };
    const own = { ...operation, urn: operation.urn.replace('node-1', 'seen') };
    const previewed = async (had: Candidate[], wanted: Wanted) => {
      const news = { host: 'seen', wanted: secret(wantedText(wanted)) };
      await candidates.diff(written(...had), news, own);
      const inputs = await checked({ ...hardeningInputs(), candidates: secret(UNKNOWN) });
      return (await hardening.diff(proven, inputs, own)).changes;
    };
    const identity = { file: '/other' };
    expect(await previewed([{ ...door, id: 'a' }], { ...door, identity })).toBe(false);
    // Back to what is proven, after something else whose end was not seen.
    const late = { ...door, port: 2200, id: 'b' };
    expect(await previewed([late, { ...door, id: 'a' }], { ...door, identity })).toBe(true);
  });

  it('is a change while something is unknown', async () => {
    expect(await changes(sealed(), withPart(hardeningInputs(), 'way.address', UNKNOWN))).toBe(true);
    expect(await changes(sealed(), { ...hardeningInputs(), sequences: secret(UNKNOWN) })).toBe(true);
    expect(await changes(sealed(), { ...hardeningInputs(), candidates: secret(UNKNOWN) })).toBe(true);
  });

  it.each<[string, PropertyMap]>([
    ['the deployer’s key', { ...hardeningInputs(), identity: { file: '/other/key' } }],
    ['the user of the first login', withPart(hardeningInputs(), 'way.user', 'debian')],
    ['the port of the first login', withPart(hardeningInputs(), 'way.port', 2022)],
    ['ways in that were written down', { ...hardeningInputs(), candidates: secret('[]') }],
    ['host keys that it has already', { ...hardeningInputs(), newHostKeys: secret(UNKNOWN) }],
    ['no host key to vouch for any more', { ...hardeningInputs(), acceptHostKeys: [] }],
    ['the words for reviewers', { ...hardeningInputs(), exposure: ['ipv4 tcp 1: anywhere (x)'] }],
  ])('is none that the host would notice: %s', async (_name, news) => {
    expect(await changes(sealed(), news)).toBe(false);
  });

  it('does not depend on the wrapping of secrets', async () => {
    const plain = unwrap(hardeningInputs()) as PropertyMap & { sequences: Sequences };
    expect(await changes(sealed(), plain)).toBe(false);
    expect(await changes(sealed(plain), hardeningInputs())).toBe(false);
  });
});

describe('a hardening', () => {
  it('that was never sealed is read and deleted without the host', async () => {
    const state = hardeningInputs();
    await expect(hardening.read('node-1', state, operation)).resolves.toEqual({ id: 'node-1', props: state });
    await expect(hardening.delete(state, operation)).resolves.toBeUndefined();
  });

  it('that a later version wrote is neither taken for one that was never sealed, nor given up', async () => {
    const inputs = hardeningInputs();
    const { firewall } = inputs['posture'] as PropertyMap;
    const olds = sealed(withPart(inputs, 'posture.firewall', { ...(firewall as PropertyMap), tarpit: true }));
    const told =
      /cannot read what the state says.*tarpit.*The host: was not touched\.\nNext: run the version/s;
    const warned: string[] = [];
    const look = await hardening.read('a', olds, { ...operation, warn: (words) => warned.push(words) });
    expect(look.props).toMatchObject({
      sealed: olds['sealed'],
      drift: [expect.any(String), expect.any(String)],
    });
    expect(warned.join()).toMatch(told);
    await expect(hardening.delete(olds, operation)).rejects.toThrow(told);
    await expect(hardening.update(olds, hardeningInputs(), operation)).rejects.toThrow(told);
  });

  it('with inputs that no check let through is not begun', async () => {
    const news = withPart(hardeningInputs(), 'posture.ssh.port', 0);
    await expect(hardening.create(news, operation)).rejects.toThrow(/ssh/);
  });
});
