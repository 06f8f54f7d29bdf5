import { expect, it } from 'vitest';
import { seconds, table } from '../../bench/table.ts';

it('aligns names to the left and figures to the right', () => {
  expect(
    table([
      ['', '1 host', '× script'],
      ['script', '2.81 s', '1.00'],
      ['Ansible', '21.60 s', '7.69'],
    ]),
  ).toBe(
    [
      '          1 host  × script',
      '-------  -------  --------',
      'script    2.81 s      1.00',
      'Ansible  21.60 s      7.69',
    ].join('\n'),
  );
});

it('leaves what was not measured as a dash', () => {
  expect(seconds(2814)).toBe('2.81 s');
  expect(seconds(undefined)).toBe('–');
  expect(seconds(Number.NaN)).toBe('–');
});
