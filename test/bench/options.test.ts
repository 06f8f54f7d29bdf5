import { expect, it } from 'vitest';
import { parseOptions } from '../../bench/options.ts';

it('measures three rounds with eight hosts and everybody unless told otherwise', () => {
  expect(parseOptions([])).toEqual({ rounds: 3, many: 8, without: [] });
  expect(parseOptions(['--rounds', '5', '--hosts', '4', '--without', 'Ansible'])).toEqual({
    rounds: 5,
    many: 4,
    without: ['ansible'],
  });
  expect(parseOptions(['--help'])).toBeUndefined();
});

it.each([
  [['--rounds', '0'], /--rounds 0: give a whole number from 1 to 100/],
  [['--hosts', 'eight'], /--hosts eight: give a whole number from 2 to 24/],
  [['--without', 'script'], /--without script: it is pyinfra or ansible/],
  [['--fast'], /--fast/],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
