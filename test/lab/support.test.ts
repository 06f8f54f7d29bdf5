import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { LAB_PACKAGES, labSupport } from '../../lab/support.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function reason(): string {
  const support = labSupport();
  return support.ok ? 'ok' : support.reason;
}

it('says that the lab needs Linux, and what works without', () => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
  expect(reason()).toBe(
    'The lab needs Linux, and this is darwin; targets `existing` and `digitalocean` work without it.',
  );
});

it.runIf(process.platform === 'linux')('says that the lab needs root', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  expect(reason()).toContain('needs root, and this is user 1000');
});

it.runIf(process.getuid?.() === 0)(
  'names the programs that are missing and the packages that bring them',
  () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'postern-'));
    vi.stubEnv('PATH', empty);
    expect(reason()).toMatch(/systemd-nspawn, .*apt-get install .*systemd-container/);
    rmSync(empty, { recursive: true });
  },
);

it('lists packages by name only', () => {
  expect(LAB_PACKAGES).toContain('systemd-container');
  for (const name of LAB_PACKAGES) expect(name).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
});
