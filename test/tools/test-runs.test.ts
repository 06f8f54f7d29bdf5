import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, type Project } from './project.ts';

const repository = join(import.meta.dirname, '../..');

/** What one run of the fake vitest does. */
interface Run {
  readonly failed?: readonly string[];
  /** Errors outside of any test. */
  readonly stray?: boolean;
}

/** `npm test`'s lab tests with a vitest that only says how they ended, run after run. */
function runLab(
  flags: readonly string[],
  ...runs: readonly Run[]
): { code: number; calls: string[]; said: string } {
  const project = makeProject();
  runs.forEach(({ failed = [], stray = false }, index) => {
    const testResults = [...failed, 'test/sound.lab.test.ts'].map((name) => ({
      name: project.path(name),
      status: failed.includes(name) ? 'failed' : 'passed',
    }));
    project.write(`runs/${index + 1}.json`, JSON.stringify({ testResults }));
    if (stray) project.write(`runs/${index + 1}.stray`, 'Error: nobody waited for this\n');
    project.write(`runs/${index + 1}.code`, failed.length > 0 || stray ? '1' : '0');
  });
  project.script(
    'vitest',
    `number=$(($(wc -l <calls) + 1))
for flag; do case $flag in --outputFile.json=*) cp "runs/$number.json" "\${flag#*=}" ;; esac; printf '<%s>' "$flag"; done >>calls
echo >>calls
[ ! -f "runs/$number.stray" ] || cat "runs/$number.stray" >>"$POSTERN_STRAY_ERRORS"
exit "$(cat "runs/$number.code")"`,
  );
  project.write('calls', '');
  mkdirSync(project.path('results'));
  const body =
    'set -eu; root=$PWD results=$PWD/results; . tools/lib/say.sh; . tools/lib/test-runs.sh; run_lab "$@"';
  const path = `${project.bin}:${project.path('node_modules/.bin')}:/usr/bin:/bin`;
  const { code, stderr, stdout } = project.run(['sh', '-c', body, 'sh', ...flags], { path });
  return { code: code ?? -1, calls: calls(project), said: stdout + stderr };
}

/** The flags of each run that were not the same for all. */
function calls(project: Project): string[] {
  return project
    .read('calls')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^<run><--project><lab>.*<--outputFile\.json=[^>]*>/, ''));
}

const one = { failed: ['test/one.lab.test.ts'] };

describe('lab tests that fail', () => {
  it('are run once more by themselves, and pass by that', () => {
    const { code, calls, said } = runLab([], one, {});
    expect(calls).toEqual(['<--passWithNoTests>', '<--maxWorkers=1><test/one.lab.test.ts>']);
    expect(code).toBe(0);
    expect(said).toContain('passed only when run once more: test/one.lab.test.ts');
  });

  it('stay failed where they fail again, or are too many', () => {
    expect(runLab([], one, one)).toMatchObject({ code: 1, calls: { length: 2 } });
    const failed = [1, 2, 3, 4].map((index) => `test/${index}.lab.test.ts`);
    expect(runLab([], { failed })).toMatchObject({ code: 1, calls: { length: 1 } });
  });

  it('do not pass over errors outside of any test', () => {
    const { code, said } = runLab([], { ...one, stray: true }, {});
    expect(code).toBe(1);
    expect(said).toContain('the first run had errors outside of any test');
    expect(runLab([], { stray: true })).toMatchObject({ code: 1, calls: { length: 1 } });
  });

  it('are run again with the flags that choose among their tests, and without other files', () => {
    const flags = ['test/one', '-t', 'two words', '--retry=2', '--bail', '1', '--shard=1/2', 'lab/', '-u'];
    const { code, calls } = runLab(flags, one, {});
    expect(calls[1]).toBe('<--maxWorkers=1><-t><two words><--retry=2><-u><test/one.lab.test.ts>');
    expect(code).toBe(0);
    expect(runLab(['--retry=1', '-t'], one, {}).calls[1]).toBe(
      '<--maxWorkers=1><--retry=1><test/one.lab.test.ts>',
    );
  });
});

it('vitest’s configuration writes down errors outside of any test', { timeout: 60_000 }, () => {
  const project = makeProject();
  // Vite's own cache, too, goes there.
  symlinkSync(join(repository, 'node_modules/vitest'), project.path('node_modules/vitest'));
  project.write(
    'test/stray.test.ts',
    `import { it } from 'vitest';\nit('passes', () => void Promise.reject(new Error('nobody waited for this')));\n`,
  );
  const argv = [join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit'];
  const more = ['--config', join(repository, 'vitest.config.ts'), '--root', project.root];
  const stray = project.path('stray');
  const { code } = project.run([process.execPath, ...argv, ...more], {
    env: { POSTERN_STRAY_ERRORS: stray },
  });
  expect(code).toBe(1);
  expect(project.read('stray')).toBe('nobody waited for this\n');
});
