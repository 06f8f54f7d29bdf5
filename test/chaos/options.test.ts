import { describe, expect, it } from 'vitest';
import { parseOptions, replay } from './options.ts';

describe('npm run chaos', () => {
  it('makes 60 runs of everything', () => {
    const { limits, ...options } = parseOptions([]) ?? { limits: undefined };
    expect(options).toMatchObject({ runs: 60, hosts: 4, keep: false });
    expect(Object.values(limits ?? { any: 1 }).filter((limit) => limit !== undefined)).toEqual([]);
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it('takes what narrows it', () => {
    const args =
      '--runs 3 --seed 8 --hosts 2 --release trixie --backend ufw --engine kernel --operation switch';
    const limits = {
      release: 'trixie',
      backend: 'ufw',
      engine: 'kernel',
      operation: 'switch',
      fault: 'reboot',
    };
    const given = [...args.split(' '), '--fault', 'reboot', '--keep'];
    expect(parseOptions(given)).toEqual({ runs: 3, seed: 8, hosts: 2, keep: true, limits });
  });

  it.each([
    [['--backend', 'pf'], '--backend pf: there are ufw'],
    [['--engine', 'none'], '--engine none: there are knockd'],
    [['--release', 'sid'], '--release sid: there are bookworm'],
    [['--operation', 'up'], '--operation up: there are first-change'],
    [['--fault', 'fire'], '--fault fire: there are kill-deployer'],
    [['--runs', '0'], '--runs 0: give a whole number from 1'],
    [['--hosts', '17'], '--hosts 17: give a whole number from 1 to 16'],
    [['--seed', '1e3'], '--seed 1e3'],
    [['--engine', 'fwknop', '--release', 'trixie'], 'bookworm and bullseye only'],
    [['--what'], '--what'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('says how a run is made again: the seed, and the limits that it was made with', () => {
    expect(replay(12, {})).toBe('npm run chaos -- --runs 1 --seed 12');
    expect(replay(12, { backend: 'ufw', fault: 'reboot', engine: undefined })).toBe(
      'npm run chaos -- --runs 1 --seed 12 --backend ufw --fault reboot',
    );
  });
});
