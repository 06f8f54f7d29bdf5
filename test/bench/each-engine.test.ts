import { expect, it } from 'vitest';
import { ENGINES, pairsOf } from '../../bench/each-engine.ts';

it('measures every engine on the firewalls that differ for it, unless told otherwise', () => {
  expect(pairsOf({ engines: [], backends: [] })).toEqual(ENGINES);
  expect(pairsOf({ engines: ['kernel'], backends: [] })).toEqual([
    { engine: 'kernel', backend: 'ufw' },
    { engine: 'kernel', backend: 'nftables' },
  ]);
});

it('measures each named engine on each named firewall', () => {
  expect(pairsOf({ engines: ['knockd'], backends: ['iptables', 'firewalld'] })).toEqual([
    { engine: 'knockd', backend: 'iptables' },
    { engine: 'knockd', backend: 'firewalld' },
  ]);
});

it('refuses names that the configuration does not know', () => {
  expect(() => pairsOf({ engines: ['knocked'], backends: [] })).toThrow(/--engine knocked: there are knockd/);
  expect(() => pairsOf({ engines: [], backends: ['pf'] })).toThrow(/--backend pf: there are ufw/);
});
