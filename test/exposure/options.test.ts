import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('npm run exposure', () => {
  it('tries 100 postures of the first firewall', () => {
    expect(parseOptions([])).toMatchObject({ backend: 'ufw', runs: 100, hosts: 1 });
  });

  it('takes firewall, count and seed', () => {
    const args = ['--backend', 'ufw', '--runs', '7', '--seed', '3', '--hosts', '2'];
    expect(parseOptions(args)).toEqual({ backend: 'ufw', runs: 7, seed: 3, hosts: 2 });
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--backend', 'pf'], '--backend pf: there are ufw'],
    [['--runs', '0'], '--runs 0: give a whole number from 1'],
    [['--hosts', '0'], '--hosts 0: give a whole number from 1 to 16'],
    [['--seed', '1e3'], '--seed 1e3'],
    [['--what'], '--what'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
