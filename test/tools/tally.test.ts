import { describe, expect, it } from 'vitest';
import { tally } from '../../tools/tally.ts';
import { makeProject } from './project.ts';

const run = (numPassedTests: number, numFailedTests = 0, success = numFailedTests === 0) => ({
  numPassedTests,
  numFailedTests,
  success,
});

describe('the last line of npm test', () => {
  it('adds up the runs', () => {
    expect(
      tally(
        new Map([
          ['unit', run(120)],
          ['lab', run(30)],
        ]),
        [],
      ),
    ).toEqual({ passed: 150, failed: 0 });
  });

  it('counts failed tests, and not the part that they failed in once more', () => {
    expect(tally(new Map([['unit', run(5, 2)]]), ['unit'])).toEqual({ passed: 5, failed: 2 });
  });

  it('counts a failed part without tests as one', () => {
    expect(tally(new Map([['unit', run(5)]]), ['types', 'lab'])).toEqual({ passed: 5, failed: 2 });
  });

  it('counts a run that could not load a file as one, however vitest ended', () => {
    expect(tally(new Map([['unit', run(5, 0, false)]]), [])).toEqual({ passed: 5, failed: 1 });
  });

  it('counts what was run again by how it ended then', () => {
    const runs = (again: ReturnType<typeof run>) =>
      new Map([
        ['lab', run(30, 2)],
        ['lab-again', again],
      ]);
    expect(tally(runs(run(6)), [])).toEqual({ passed: 32, failed: 0 });
    expect(tally(runs(run(5, 1)), ['lab'])).toEqual({ passed: 31, failed: 1 });
    expect(tally(runs(run(0, 0, false)), ['lab'])).toEqual({ passed: 32, failed: 1 });
  });

  it('is printed alone on its line, with the exit code to match', () => {
    const project = makeProject();
    project.write('results/unit.json', JSON.stringify(run(3)));
    const line = (...parts: string[]) =>
      project.run([process.execPath, 'tools/tally.ts', 'results', ...parts]);
    expect(line()).toMatchObject({ code: 0, stdout: '3 passed, 0 failed\n' });
    expect(line('types')).toMatchObject({ code: 1, stdout: '3 passed, 1 failed\n' });
  });
});
