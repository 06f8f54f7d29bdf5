import { expect, it } from 'vitest';
import { withVps } from '../lab/fixture.ts';
import { hardened, inside, jobFor } from './fixture.ts';
import { recorded } from './interrupt.ts';

it('does not seal a host whose next boot would not start what its door depends on, and names it', async () => {
  await withVps(async (vps) => {
    await inside(vps, 'systemctl -q set-default sysinit.target');
    const refusal = await hardened(await jobFor(vps)).catch((error: unknown) => String(error));
    expect(refusal).toMatch(
      /the next boot would not start what the door depends on.*: .*ssh\.service \(enabled\)/,
    );
    expect(refusal).toContain('knockd.service');
    expect(refusal).toMatch(/default target \(sysinit\.target\) pull in multi-user\.target/);
    expect(refusal).toContain('rolled the change back and is as it was');
    expect(await recorded(vps, 'errors')).toBe('');
  });
});
