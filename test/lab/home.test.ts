import { afterEach, expect, it, vi } from 'vitest';
import { hostFolder, labHome } from '../../lab/home.ts';

afterEach(() => vi.unstubAllEnvs());

it('keeps hosts apart by owner under the lab home', () => {
  vi.stubEnv('POSTERN_LAB_HOME', '/srv//lab/');
  expect(hostFolder({ owner: 'project-1', name: 'devnet-1' })).toBe('/srv/lab/hosts/project-1/devnet-1');
});

it.each(['relative', '', '/with space', '/with,comma', '/with:colon', "/with'quote"])(
  'refuses %j as lab home, because mounts could not take it',
  (home) => {
    vi.stubEnv('POSTERN_LAB_HOME', home);
    expect(labHome).toThrow(/absolute path/);
  },
);

it.each(['', '..', '-rf', 'a/b', 'Upper', 'a b', 'a\n', 'a-', '.hidden', 'x'.repeat(64)])(
  'refuses %j as a host or owner name',
  (label) => {
    expect(() => hostFolder({ owner: 'me', name: label })).toThrow(/lab host's name/);
    expect(() => hostFolder({ owner: label, name: 'me' })).toThrow(/lab host's owner/);
  },
);
