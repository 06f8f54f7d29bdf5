import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { harden } from '../../transaction/harden.ts';
import { freshVps } from '../lab/fixture.ts';
import { jobFor } from './fixture.ts';
import { dropTowards } from './outage.ts';

describe('a firewall on the way to the backup port', () => {
  let vps: LabVps;
  let pass: () => Promise<void>;
  beforeEach(async () => {
    vps = await freshVps();
    pass = await dropTowards(vps, '{ 2222 }');
  });
  afterEach(() => pass());

  it('that lets it through only half a minute later does not end the change', async () => {
    let passed: Promise<void> | undefined;
    const late = (text: string) => {
      if (!text.startsWith('port 2222')) return;
      passed = new Promise((resolve) => setTimeout(resolve, 25_000)).then(pass);
    };
    await expect(harden(await jobFor(vps), late)).resolves.toHaveProperty('sealedAt');
    await passed;
    pass = async () => {};
  });

  it('that never does is named, and the host rolls back', async () => {
    const failure = await harden(await jobFor(vps, { backup: { waitSeconds: 8 } }), () => {}).catch(String);
    expect(failure).toMatch(/backup door.*port 2222 of \S+ is \w+ from this machine for 8 s/s);
    expect(failure).toContain('deployerCidrs');
    expect(failure).toMatch(/The host: .*(?:rolled back|as it was|undid|took back)/s);
  });
});
