import { describe, expect, it } from 'vitest';
import { accessConf, fwknopdConf } from '../../../posture/knock/fwknop.ts';
import { generateSpa, SPA_KEY } from '../../../posture/knock/spa.ts';
import { golden, postureWith, problems, seeded } from '../fixture.ts';

const OPTIONS = { port: 17_123, close: true, avoid: [] };
const SPA = generateSpa(OPTIONS, seeded(7));

describe('fwknopd’s files', () => {
  it('are as expected', async () => {
    await expect(fwknopdConf(SPA)).toMatchFileSnapshot(golden('fwknopd.conf'));
    await expect(accessConf(SPA)).toMatchFileSnapshot(golden('fwknop-access.conf'));
  });

  it('have no closing packet where there is none', () => {
    const access = accessConf({ ...SPA, close: null });
    expect(access.match(/^CMD_CYCLE_OPEN .*$/gm)).toEqual([
      'CMD_CYCLE_OPEN      /usr/local/lib/postern/spa-door open $PKT_SRC',
    ]);
  });
});

describe('generated keys', () => {
  it('are four different ones of 32 bytes each, for one port', () => {
    const packets = [...SPA.open, ...(SPA.close ?? [])];
    const keys = packets.flatMap(({ spa }) => (spa === undefined ? [] : [spa.key, spa.hmacKey]));
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) {
      expect(key).toMatch(SPA_KEY);
      expect(atob(key)).toHaveLength(32);
    }
    expect(packets.map(({ port, protocol }) => `${port}/${protocol}`)).toEqual(['17123/udp', '17123/udp']);
  });

  it('go to a random port, never to one that is served', () => {
    const random = seeded(1);
    const ports = Array.from({ length: 200 }, () => {
      const { open } = generateSpa({ ...OPTIONS, port: undefined, avoid: [] }, random);
      return open[0]?.port ?? 0;
    });
    expect(new Set(ports).size).toBeGreaterThan(190);
    expect(ports.every((port) => port >= 7000 && port <= 32_767)).toBe(true);
    const [first] = generateSpa({ ...OPTIONS, port: undefined, avoid: [] }, seeded(3)).open;
    const [second] = generateSpa({ ...OPTIONS, port: undefined, avoid: [first?.port ?? 0] }, seeded(3)).open;
    expect(second?.port).not.toBe(first?.port);
  });
});

describe('the engine fwknop', () => {
  const refused = (knock: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    problems({ knock, ...more }).map(({ property, reason }) => `${property} ${reason}`);

  it('is accepted with a port of its own, or none', () => {
    expect(refused({ engine: 'fwknop' })).toEqual([]);
    expect(refused({ engine: 'fwknop', spaPort: 62_201, door: 'held' })).toEqual([]);
    expect(postureWith({ knock: { engine: 'fwknop' } }).knock.engine).toBe('fwknop');
  });

  it.each([
    [{ engine: 'kernel', spaPort: 62_201 }, {}, /^knock\.spaPort is for knock\.engine fwknop/],
    [{ engine: 'fwknop', spaPort: 2222 }, {}, /^knock\.spaPort is a port this host serves/],
    [
      { engine: 'fwknop', sequence: { open: '17123:tcp,9321:udp,28456:tcp' } },
      {},
      /^knock\.sequence has no meaning for fwknop/,
    ],
    [{ engine: 'fwknop' }, { verify: { ipv6: 'require' } }, /^verify\.ipv6 cannot be required/],
    [
      { engine: 'fwknop' },
      { system: 'rhel', firewall: { backend: 'firewalld' } },
      /^knock\.engine fwknop is packaged for Debian/,
    ],
  ])('refuses %j with %j', (knock, more, words) => {
    expect(refused(knock, more)).toEqual([expect.stringMatching(words)]);
  });
});
