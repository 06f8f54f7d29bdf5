import { expect, it } from 'vitest';
import { judged, report } from '../../bench/report.ts';
import { run } from './sample.ts';

it('puts runs with nothing to change beside both empty programs, and holds the target against the engine as it comes', () => {
  const samples = [1, 8].flatMap((hosts) => {
    const idle = { action: 'up, nothing to change', hosts } as const;
    return [
      run('empty program', 1000, idle),
      run('empty program, compiled code kept', 800, idle),
      run('Postern', hosts === 1 ? 1200 : 1600, idle),
    ];
  });
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
