import { describe, expect, it } from 'vitest';
import { medianPhases, phasesOf } from '../../bench/phases.ts';

const at = (milliseconds: number, text: string) => ({ at: milliseconds, text });

describe('phases of an up', () => {
  it('are the engine’s start, program and plugin, what the plugin reports, and the engine’s end', () => {
    const lines = [
      at(400, 'Updating (bench):'),
      at(700, ' +  postern:components:HardenedVps a creating (0s) '),
      at(1000, ' +  postern:index:Sequence a created (0.02s) '),
      at(1100, ' +  postern:index:Hardening a creating (0s) '),
      at(
        1300,
        ' +  postern:index:Hardening a creating (0s) logged in by the initial access, root on port 22',
      ),
      at(1400, ' +  postern:index:Hardening a creating (0s) gathering facts'),
      at(1450, ' +  postern:index:Hardening a creating (0s) gathering facts'),
      at(2000, '@ updating....'),
      at(2400, ' +  postern:index:Hardening a creating (1s) sealing: the backup door is closed'),
      at(2900, ' +  postern:index:Hardening a created (1s) sealing: the backup door is closed'),
      at(3000, 'Outputs:'),
    ];
    expect(phasesOf(lines, 3200)).toEqual([
      { name: 'engine starts', milliseconds: 400 },
      { name: 'program and plugin start', milliseconds: 700 },
      { name: 'logging in', milliseconds: 200 },
      { name: 'logged in by the initial access', milliseconds: 100 },
      { name: 'gathering facts', milliseconds: 1000 },
      { name: 'sealing', milliseconds: 500 },
      { name: 'engine ends', milliseconds: 300 },
    ]);
  });

  it('of several hosts are the mean of each', () => {
    const lines = [
      at(100, 'Updating (bench):'),
      at(200, ' +  postern:index:Hardening a creating (0s) '),
      at(300, ' +  postern:index:Hardening b creating (0s) '),
      at(400, ' +  postern:index:Hardening a creating (0s) gathering facts'),
      at(700, ' +  postern:index:Hardening b creating (0s) gathering facts'),
      at(800, ' +  postern:index:Hardening a created (0s) '),
      at(900, ' +  postern:index:Hardening b created (0s) '),
    ];
    expect(phasesOf(lines, 1000)).toEqual([
      { name: 'engine starts', milliseconds: 100 },
      { name: 'program and plugin start', milliseconds: 100 },
      { name: 'logging in', milliseconds: 300 },
      { name: 'gathering facts', milliseconds: 300 },
      { name: 'engine ends', milliseconds: 100 },
    ]);
  });

  it('are none where no host was hardened', () => {
    expect(phasesOf([at(100, 'Updating (bench):')], 200)).toEqual([]);
  });
});

it('of several runs are the median of each phase', () => {
  const run = (milliseconds: number) => [{ name: 'sealing', milliseconds }];
  expect(medianPhases([run(10), run(500), run(20)])).toEqual([{ name: 'sealing', milliseconds: 20 }]);
});
