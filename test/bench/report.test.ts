import { expect, it } from 'vitest';
import { judged, report } from '../../bench/report.ts';
import type { Action, Sample } from '../../bench/sample.ts';

const up: Action = 'up, nothing to change';

function run(subject: Sample['subject'], milliseconds: number, hosts: number, action: Action = up): Sample {
  return { subject, action, hosts, round: 1, milliseconds, busy: 0.01, load: 0.3 };
}

it('puts runs with nothing to change beside both empty programs, and holds the target against the engine as it comes', () => {
  const samples = [1, 8].flatMap((hosts) => [
    run('empty program', 1000, hosts),
    run('empty program, compiled code kept', 800, hosts),
    run('Postern', hosts === 1 ? 1200 : 1600, hosts),
  ]);
  const options = { rounds: 1, many: 8, without: [] };
  const found = { date: '', machine: '', load: [0], missing: [], phases: {}, memory: {}, options, samples };
  const lines = report(judged(found)).split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(/^pulumi up, empty program +1\.00 s +1\.20 s +1\.20 +1\.60 s +1\.60$/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^pulumi up, empty program, compiled code kept +0\.80 s +1\.20 s +1\.50 +1\.60 s +2\.00$/,
    ),
  );
  expect(lines.filter((line) => /^(met|missed): up/.test(line))).toEqual([
    expect.stringContaining('met: up, nothing to change, 1 host: 1.20 × empty program '),
    expect.stringContaining('missed: up, nothing to change, 8 hosts: 1.60 × empty program '),
  ]);
});
