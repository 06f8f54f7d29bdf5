import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { freshVps } from '../lab/fixture.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { installPackages } from './interrupt.ts';

const squatter = readFileSync(join(import.meta.dirname, 'squatter.py'), 'utf8');

/** Has an unprivileged user of the host listen on ports; resolves once it tries to. */
async function squat(vps: LabVps, ports: string, as = 'runuser -u nobody --'): Promise<void> {
  await inside(
    vps,
    `cat >/tmp/squatter.py <<'PROGRAM'\n${squatter}PROGRAM
    ${as} python3 /tmp/squatter.py ${ports} >/tmp/squatter.log 2>&1 </dev/null &
    until grep -qs ready /tmp/squatter.log; do sleep 0.05; done; sleep 1`,
  );
}

const listening = (vps: LabVps, port: number) => inside(vps, `ss -Hltnpe "sport = :${port}"`);

describe('an unprivileged user of the host who listens on ports that a change needs', () => {
  let vps: LabVps;
  beforeAll(async () => {
    vps = await freshVps();
    await installPackages(vps);
  });

  it('keeps no change from being made, with the backup port and all the high ones of a candidate', async () => {
    await squat(vps, '2222 20000-29999');
    expect(await listening(vps, 2222)).toMatch(/python3.* uid:/);
    expect(Number(await inside(vps, 'ss -Hltn | grep -c ":2[0-9]* "'))).toBeGreaterThan(9990);
    const said: string[] = [];
    const job = await jobFor(vps);
    const sealed = await hardened(job, (text) => said.push(text));
    const told = said.find((text) =>
      text.startsWith('port 2222 (backup.port) is held by a user of the host'),
    );
    expect(told).toMatch(/python3.* The backup door is on port [6-9]\d\d|10[0-2]\d for this change/);
    const [, port = ''] = /backup door is on port (\d+)/.exec(told ?? '') ?? [];
    const closed = sealed.evidence.filter(({ check }) => check.endsWith('after sealing'));
    for (const { check } of closed) expect(check).toMatch(new RegExp(`, ${port}\\b`));
    expect(await listening(vps, Number(port))).toBe('');
    // Left alone, behind the firewall.
    expect(await listening(vps, 2222)).toMatch(/python3/);

    const again = await jobFor(vps, { ssh: { profile: 'compatible' } }, remembered(job, sealed));
    await expect(hardened(again)).resolves.toMatchObject({ sealedAt: expect.any(String) });
  });
});

it('one who is quicker than the backup sshd, after the port was seen free, keeps no change from being made', async () => {
  const vps = await freshVps();
  await installPackages(vps);
  await squat(vps, '/etc/ssh/postern-backup 2222');
  expect(await listening(vps, 2222)).toBe('');
  const said: string[] = [];
  await hardened(await jobFor(vps), (text) => said.push(text));
  expect(await listening(vps, 2222)).toMatch(/python3.* uid:/);
  expect(said.join()).toContain('port 2222 (backup.port) is held by a user of the host');
});

it('a service of the host is named, and neither ended nor shut out', async () => {
  const vps = await freshVps();
  await installPackages(vps);
  await squat(
    vps,
    '2222',
    'systemd-run -q --unit=forge -p User=nobody -p StandardOutput=file:/tmp/squatter.log',
  );
  await inside(vps, 'until ss -Hltn "sport = :2222" | grep -q .; do sleep 0.05; done');
  await expect(hardened(await jobFor(vps))).rejects.toThrow(
    /port 2222, wanted for the backup sshd, is already in use: users:\(\("python3"/,
  );
  expect(await listening(vps, 2222)).toMatch(/python3/);
});
