import { describe, expect, it } from 'vitest';
import { isDeaf } from '../../../cli/host/knock-host.ts';
import { exposureOf } from '../../../posture/exposure/exposure.ts';
import type { EngineName } from '../../../posture/knock/engine.ts';
import { allEngines, engineNamed, engineOf, singleOptions } from '../../../posture/knock/engines.ts';
import { makeSequences } from '../../../posture/knock/make.ts';
import { hearsV6 } from '../../../transaction/ipv6.ts';
import { postureWith, problems, seeded } from '../fixture.ts';

const NAMES: readonly EngineName[] = ['knockd', 'kernel', 'fwknop'];

describe.each(NAMES)('whether %s hears knocks over IPv6', (engine) => {
  const ipv6 = engineOf(engine).deafOverIpv6() === undefined;
  const posture = postureWith({ knock: { engine } });

  it('is the same for the exposure table, the configuration, the proof and the command line', () => {
    const rows = exposureOf(posture).filter(({ family, purpose }) => family === 'ipv6' && purpose === 'ssh');
    expect(rows).toHaveLength(ipv6 ? 1 : 0);
    const refused = problems({ hosts: [{ name: 'node-1', knock: { engine }, verify: { ipv6: 'require' } }] });
    expect(refused.some(({ property }) => property.includes('ipv6'))).toBe(!ipv6);
    expect(hearsV6({ os: 'debian', version: '12' }, posture)).toBe(ipv6);
    expect(isDeaf({ knockEngine: engine }, { family: 6 })).toBe(!ipv6);
    expect(isDeaf({ knockEngine: engine }, { family: 4 })).toBe(false);
  });

  it('goes with what is made for it', () => {
    const spa = singleOptions({ engine, spaPort: 17_123 });
    const { open, close } = makeSequences({ knocks: 4, close: true, avoid: [], spa }, seeded(1));
    const single = engine === 'fwknop';
    for (const sequence of [open, close ?? []]) {
      expect(sequence).toHaveLength(single ? 1 : 4);
      expect(sequence.every(({ port }) => port === 17_123)).toBe(single);
      expect(sequence.every((knock) => (knock.spa !== undefined) === single)).toBe(true);
    }
  });
});

it('says nothing of an engine of a later version', () => {
  expect(allEngines()).toHaveLength(NAMES.length);
  expect(engineNamed('telepathy')).toBeUndefined();
  expect(isDeaf({ knockEngine: 'telepathy' }, { family: 6 })).toBe(false);
});
