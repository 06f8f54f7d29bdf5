import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyOwner } from '../lab/destroy.ts';
import { collectGarbage } from '../lab/garbage.ts';
import { testOwner } from '../lab/owner.ts';
import { labSupport } from '../lab/support.ts';
import { time } from './command.ts';
import { ansible } from './contenders/ansible.ts';
import type { Contender } from './contenders/contender.ts';
import { installPeers } from './contenders/peers.ts';
import { postern } from './contenders/postern.ts';
import { pyinfra } from './contenders/pyinfra.ts';
import { script } from './contenders/script.ts';
import { floorStacks } from './engine.ts';
import { makeKey } from './hosts.ts';
import { type Bench, measure } from './measure.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import type { Phase } from './phases.ts';
import { judged, machine, type Results, report } from './report.ts';
import { FLOORS, type Sample } from './sample.ts';

const HOME = join(import.meta.dirname, '../.postern/bench');
const stop = new AbortController();
const say = (text: string) => console.error(text);

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    say('stopping; lab VPSs and temporary files are removed');
    stop.abort(new Error('stopped before the end'));
  });
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await run(options);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}

async function run(options: BenchOptions): Promise<void> {
  const support = labSupport();
  if (!support.ok) throw new Error(support.reason);
  mkdirSync(HOME, { recursive: true });
  const begun = { date: new Date().toISOString(), machine: machine(), options, load: loadavg() };
  const { contenders, missing } = await lineUp(options);
  const owner = await testOwner();
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  try {
    await collectGarbage();
    const floors = await floorStacks(mkdtempSync(join(folder, 'floor-')));
    const bench: Bench = { owner, key: await makeKey(folder), folder, floors, signal: stop.signal, say };
    // Once for nothing, so that no measured run is the first.
    for (const floor of FLOORS) await time([floors[floor].command('up')], bench);
    const results = judged({ ...begun, missing, ...(await rounds(bench, contenders, options)) });
    writeFileSync(join(HOME, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
    console.log(report(results));
  } finally {
    await destroyOwner(owner);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function lineUp({ without }: BenchOptions): Promise<{ contenders: Contender[]; missing: string[] }> {
  const folder = join(HOME, 'peers');
  const wanted = [pyinfra(folder), ansible(folder)].filter(
    ({ name }) => !without.includes(name.toLowerCase()),
  );
  const contenders = [script, postern];
  if (wanted.length === 0) return { contenders, missing: [] };
  say('pyinfra and ansible-core: from PyPI, once');
  const why = await installPeers(folder, stop.signal);
  if (why === undefined) return { contenders: [...contenders, ...wanted], missing: [] };
  const missing = `not measured: ${wanted.map(({ name }) => name).join(' and ')}, because they cannot be had: ${why}`;
  say(missing);
  return { contenders, missing: [missing] };
}

/** Each round measures every contender at both sizes, each round beginning with another one. */
async function rounds(
  bench: Bench,
  contenders: readonly Contender[],
  options: BenchOptions,
): Promise<Pick<Results, 'samples' | 'phases' | 'memory'>> {
  const samples: Sample[] = [];
  const phases: Record<string, (readonly Phase[])[]> = {};
  const memory: Record<string, number[]> = {};
  for (let round = 1; round <= options.rounds; round++) {
    bench.say(`round ${round} of ${options.rounds}`);
    const first = (round - 1) % contenders.length;
    for (const hosts of [1, options.many]) {
      for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
        const found = await measure(bench, contender, { round, hosts });
        samples.push(...found.samples);
        if (found.phases !== undefined) phases[hosts] = [...(phases[hosts] ?? []), found.phases];
        if (found.memory !== undefined) memory[hosts] = [...(memory[hosts] ?? []), found.memory];
      }
    }
  }
  return { samples, phases, memory };
}
