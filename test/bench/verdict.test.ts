import { describe, expect, it } from 'vitest';
import { verdicts } from '../../bench/verdict.ts';
import { run } from './sample.ts';

describe('verdicts', () => {
  it('hold Postern against the script and say whether the target was met', () => {
    expect(verdicts([run('script', 1000), run('Postern', 2400)], 8)).toMatchObject([
      { action: 'harden', hosts: 1, against: 'script', limit: 2.5, result: 'met', ratio: { median: 2.4 } },
    ]);
    expect(verdicts([run('script', 1000), run('Postern', 2600)], 8)).toMatchObject([{ result: 'missed' }]);
  });

  it('judge the larger size by its own target', () => {
    const many = [run('script', 1000, { hosts: 8 }), run('Postern', 1600, { hosts: 8 })];
    expect(verdicts(many, 8)).toMatchObject([{ hosts: 8, limit: 1.5, result: 'missed' }]);
  });

  it('hold a run with nothing to change against the empty program', () => {
    const action = 'preview, nothing to change';
    const samples = [run('empty program', 700, { action }), run('Postern', 1000, { action })];
    expect(verdicts(samples, 8)).toMatchObject([{ action, against: 'empty program', result: 'met' }]);
  });

  it('claim nothing when the machine had other work before any of the runs', () => {
    const samples = [run('script', 1000), run('Postern', 2400), run('pyinfra', 5000, { busy: 0.4 })];
    expect(verdicts(samples, 8)).toMatchObject([{ result: 'unclaimed' }]);
  });
});
