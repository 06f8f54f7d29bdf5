import { expect, it } from 'vitest';
import { failedFiles } from '../../tools/failed-files.ts';
import { makeProject } from './project.ts';

const results = (...statuses: string[]) => ({
  testResults: statuses.map((status, index) => ({ name: `/project/test/${index}.lab.test.ts`, status })),
});

it('runs again the files that failed, unless they are too many for a coincidence', () => {
  expect(failedFiles(results('passed', 'passed'), 3)).toEqual([]);
  expect(failedFiles(results('passed', 'failed', 'failed'), 3)).toEqual([
    '/project/test/1.lab.test.ts',
    '/project/test/2.lab.test.ts',
  ]);
  expect(failedFiles(results('failed', 'failed', 'failed', 'failed'), 3)).toEqual([]);
});

it('reads what vitest wrote, and prints a path a line', () => {
  const project = makeProject();
  project.write('lab.json', JSON.stringify(results('failed', 'passed')));
  const { code, stdout } = project.run([process.execPath, 'tools/failed-files.ts', 'lab.json', '3']);
  expect({ code, stdout: stdout.replace(/^(\.\.\/)*/, '') }).toEqual({
    code: 0,
    stdout: 'project/test/0.lab.test.ts\n',
  });
});
