import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function files(): string[] {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...new Set(listed.stdout.split('\0'))].filter((name) => {
    const stat = name === '' ? undefined : statSync(join(root, name), { throwIfNoEntry: false });
    return stat?.isFile() === true;
  });
}

describe('the repository', () => {
  it('names no package registry: machines have their own', () => {
    // Spelled in parts, or this file would be the first to fail.
    const hosts = [
      ['registry', 'npmjs', 'org'],
      ['registry', 'yarnpkg', 'com'],
      ['deb', 'debian', 'org'],
      ['security', 'debian', 'org'],
      ['archive', 'debian', 'org'],
      ['proxy', 'golang', 'org'],
      ['sum', 'golang', 'org'],
      ['files', 'pythonhosted', 'org'],
      ['pypi', 'org'],
    ].map((parts) => parts.join('.'));
    const found = files().flatMap((name) => {
      const text = readFileSync(join(root, name), 'utf8');
      return hosts.filter((host) => text.includes(host)).map((host) => `${name}: ${host}`);
    });
    expect(found).toEqual([]);
  });

  it('pins each package by what is in it, also those of other platforms', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity?: string; link?: boolean }>;
    };
    const unpinned = Object.entries(packages)
      .filter(([path, { integrity, link }]) => path.includes('node_modules/') && !link && !integrity)
      .map(([path]) => path);
    expect(unpinned).toEqual([]);
  });

  it('runs its entry scripts as programs', () => {
    for (const name of ['tools/pulumi.sh', 'tools/setup.sh', 'tools/up.sh', 'tools/down.sh', '.ci/run'])
      expect(statSync(join(root, name)).mode & 0o111, name).not.toBe(0);
  });

  it('keeps what set-up and Pulumi write out of git', () => {
    const ignored = spawnSync(
      'git',
      ['check-ignore', '.postern/state', '.postern/passphrase', 'node_modules/x'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect(ignored.stdout.trim().split('\n')).toEqual([
      '.postern/state',
      '.postern/passphrase',
      'node_modules/x',
    ]);
  });
});
