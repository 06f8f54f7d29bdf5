import { describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { parseOptions } from './options.ts';

describe('the options of `npm run lifetime`', () => {
  it('take every kind of host that there is, fwknop only where its packets are seen before the firewall', () => {
    const kinds = parseOptions([])?.kinds ?? [];
    expect(kinds).toHaveLength(3 * 4 * 2 + 2 * 4);
    expect(kinds.some(({ release, engine }) => release === 'trixie' && engine === 'fwknop')).toBe(false);
  });

  it('pick one, and say what there is', () => {
    const args = ['--release', 'trixie', '--backend', 'ufw', '--engine', 'kernel', '--fault', 'kill'];
    expect(parseOptions(args)).toEqual({
      kinds: [{ release: 'trixie', backend: 'ufw', engine: 'kernel' }],
      fault: 'kill',
    });
    expect(() => parseOptions(['--release', 'buster'])).toThrow('there are bookworm, trixie, bullseye');
    expect(() => parseOptions(['--release', 'trixie', '--engine', 'fwknop'])).toThrow('fwknop is only for');
    expect(parseOptions(['--help'])).toBeUndefined();
  });
});

describe('what happens to a host', () => {
  it('names each thing once: every unit stopped, started anew and killed, every package installed again', () => {
    const names = faultsOf({ release: 'bookworm', backend: 'firewalld', engine: 'knockd' }).map(
      ({ name }) => name,
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of [
      'stop knockd.service',
      'kill firewalld.service',
      'reinstall knockd',
      'reinstall firewalld',
    ])
      expect(names).toContain(name);
  });
});
