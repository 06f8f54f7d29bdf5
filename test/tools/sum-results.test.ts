import { describe, expect, it } from 'vitest';
import { sumResults, type VitestFile } from '../../tools/sum-results.ts';
import { makeProject } from './project.ts';

/** A file with so many tests of each kind; `failed` where one of them did, unless something else is said. */
const file = (
  passed: number,
  failed = 0,
  { name = 'one', skipped = 0, status = failed > 0 ? 'failed' : 'passed' } = {},
): VitestFile => ({
  name,
  status,
  assertionResults: [
    ...Array.from({ length: passed }, () => ({ status: 'passed' })),
    ...Array.from({ length: failed }, () => ({ status: 'failed' })),
    ...Array.from({ length: skipped }, () => ({ status: 'skipped' })),
  ],
});

const run = (...testResults: VitestFile[]) => ({
  testResults,
  success: testResults.length > 0 && testResults.every(({ status }) => status === 'passed'),
});

describe('the last line of npm test', () => {
  it('adds up the runs', () => {
    const runs = new Map([
      ['unit', run(file(100), file(20, 0, { name: 'two' }))],
      ['lab', run(file(30, 0, { skipped: 3 }))],
    ]);
    expect(sumResults(runs, [])).toEqual({ passed: 150, failed: 0 });
  });

  it('counts failed tests, and not the part that they failed in once more', () => {
    expect(sumResults(new Map([['unit', run(file(5, 2))]]), ['unit'])).toEqual({ passed: 5, failed: 2 });
  });

  it('counts a failed part without tests as one', () => {
    expect(sumResults(new Map([['unit', run(file(5))]]), ['types', 'lab'])).toEqual({ passed: 5, failed: 2 });
    expect(sumResults(new Map([['unit', run()]]), [])).toEqual({ passed: 0, failed: 1 });
  });

  it('counts a file that could not be loaded, or whose tests never began, as one, however vitest ended', () => {
    const broken = file(0, 0, { name: 'two', skipped: 4, status: 'failed' });
    expect(sumResults(new Map([['unit', run(file(5), broken)]]), [])).toEqual({ passed: 5, failed: 1 });
  });

  describe('where files were run again', () => {
    const first = run(file(20), file(5, 1, { name: 'two' }), file(4, 1, { name: 'three' }));
    const last = (...again: VitestFile[]) =>
      sumResults(
        new Map([
          ['lab', first],
          ['lab-again', run(...again)],
        ]),
        again.every(({ status }) => status === 'passed') ? [] : ['lab'],
      );
    const three = file(5, 0, { name: 'three' });

    it('counts how they ended then', () => {
      expect(last(file(6, 0, { name: 'two' }), three)).toEqual({ passed: 31, failed: 0 });
      expect(last(file(4, 2, { name: 'two' }), three)).toEqual({ passed: 29, failed: 2 });
    });

    it('takes no test for passed that did not run because what comes before it failed', () => {
      const stopped = file(0, 0, { name: 'two', skipped: 6, status: 'failed' });
      expect(last(stopped, three)).toEqual({ passed: 25, failed: 1 });
    });

    it('counts those that only ran then', () => {
      const stopped = run(file(20), file(0, 0, { name: 'two', skipped: 6, status: 'failed' }));
      const runs = new Map([
        ['lab', stopped],
        ['lab-again', run(file(6, 0, { name: 'two' }))],
      ]);
      expect(sumResults(runs, [])).toEqual({ passed: 26, failed: 0 });
      // Such as errors outside of any test in the first run.
      expect(sumResults(runs, ['lab'])).toEqual({ passed: 26, failed: 1 });
    });

    it('keeps the failure of a file that was not found again', () => {
      expect(last(three)).toEqual({ passed: 30, failed: 1 });
    });
  });

  it('is printed alone on its line, with the exit code to match', () => {
    const project = makeProject();
    project.write('results/unit.json', JSON.stringify(run(file(3))));
    const line = (...parts: string[]) =>
      project.run([process.execPath, 'tools/sum-results.ts', 'results', ...parts]);
    expect(line()).toMatchObject({ code: 0, stdout: '3 passed, 0 failed\n' });
    expect(line('types')).toMatchObject({ code: 1, stdout: '3 passed, 1 failed\n' });
  });
});
