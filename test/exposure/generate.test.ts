import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answering } from '../../posture/exposure/answering.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import { postureWith } from '../posture/fixture.ts';
import { BACKENDS, type Case, casesFor, sampleCases, sectionsOn } from './generate.ts';
import { networkOf } from './place.ts';

const HOST = { address: '10.213.9.2', addressV6: 'fd0a:d213:9::2' };

function postureOf({ sections }: Case) {
  return postureWith({ ...sectionsOn(sections, (word) => networkOf(word, HOST)) });
}

describe.each(BACKENDS)('generated postures for %s', (backend) => {
  it('are tried by npm test', () => {
    expect(existsSync(join(import.meta.dirname, `${backend}.lab.test.ts`))).toBe(true);
  });

  it('are the same for a seed, and keep their sequences now and then', () => {
    const cases = sampleCases(backend, 30, 7);
    expect(sampleCases(backend, 30, 7)).toEqual(cases);
    expect(cases[2]?.sequences).toBe(cases[1]?.sequences);
    expect(cases[1]?.sequences).not.toBe(cases[0]?.sequences);
  });

  it('cover what the exposure table can say', () => {
    const rows = sampleCases(backend, 100, 1).flatMap((made) => exposureOf(postureOf(made)));
    const kinds = new Set(rows.map(({ family, protocol, access }) => `${family} ${protocol} ${access.to}`));
    for (const family of ['ipv4', 'ipv6']) {
      for (const protocol of ['tcp', 'udp'])
        for (const to of ['anywhere', 'networks']) expect(kinds).toContain(`${family} ${protocol} ${to}`);
      expect(kinds).toContain(`${family} icmp anywhere`);
      expect(kinds).toContain(`${family} tcp knocker`);
    }
    expect(rows.some(({ access }) => access.to === 'knocker' && access.seconds === null)).toBe(true);
  });

  it('open ssh to nobody who has not knocked, and the backup port to the deployer alone', () => {
    fc.assert(
      fc.property(casesFor(backend), (made) => {
        const posture = postureOf(made);
        const table = exposureOf(posture);
        for (const source of ['10.213.9.3', 'fd0a:d213:9::3', '198.51.100.9']) {
          const ports = (more: object) =>
            answering(table, { source, ...more }).map((row) => `${row.protocol}${row.port}`);
          expect(ports({})).not.toContain(`tcp${posture.ssh.port}`);
          expect(ports({ knocked: true })).toContain(`tcp${posture.ssh.port}`);
          expect(ports({ knocked: true })).not.toContain(`tcp${posture.backup.port}`);
          expect(ports({ deployer: source })).toContain(`tcp${posture.backup.port}`);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
