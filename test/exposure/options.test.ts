import { describe, expect, it } from 'vitest';
import { parseOptions, sliceOf } from './options.ts';

describe('npm run exposure', () => {
  it('tries 100 postures of the first firewall', () => {
    expect(parseOptions([])).toMatchObject({
      backend: 'ufw',
      engine: 'knockd',
      runs: 100,
      shard: { part: 1, parts: 1 },
      hosts: 1,
    });
  });

  it('takes firewall, count and seed', () => {
    const args = [
      '--backend',
      'ufw',
      '--engine',
      'kernel',
      '--runs',
      '7',
      '--seed',
      '3',
      '--shard',
      '2/4',
      '--hosts',
      '2',
    ];
    expect(parseOptions(args)).toEqual({
      backend: 'ufw',
      engine: 'kernel',
      runs: 7,
      seed: 3,
      shard: { part: 2, parts: 4 },
      hosts: 2,
    });
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--backend', 'pf'], '--backend pf: there are ufw'],
    [['--engine', 'none'], '--engine none: there are knockd'],
    [['--runs', '0'], '--runs 0: give a whole number from 1'],
    [['--shard', '5/4'], '--shard 5/4: give a part'],
    [['--hosts', '0'], '--hosts 0: give a whole number from 1 to 16'],
    [['--seed', '1e3'], '--seed 1e3'],
    [['--what'], '--what'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('has every posture in one shard, and one host', () => {
    const all = Array.from({ length: 100 }, (_, index) => index);
    const parts = [1, 2, 3].flatMap((part) => sliceOf(all, part, 3));
    expect(parts).toEqual(all);
    expect(sliceOf([1], 2, 3)).toEqual([]);
  });
});
