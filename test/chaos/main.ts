import { join } from 'node:path';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { hostFolder } from '../../lab/home.ts';
import { testOwner } from '../../lab/owner.ts';
import { runProgram } from '../../lab/program.ts';
import { onStop, type Place, runCommand, withPlace } from '../lab/command.ts';
import { killDeployments } from './deployment.ts';
import { type ChaosOptions, parseOptions, replay, USAGE } from './options.ts';
import { type Outcome, tryScenario } from './run.ts';
import { describeScenario, type Scenario, scenarioOf } from './scenario.ts';

// `npm run chaos`: prints a line as soon as a run is judged, so that a long one can be watched.
let stopped = false;
/** Of all hosts until now: one that is half made cannot be removed. */
const creations: Promise<unknown>[] = [];

await runCommand('chaos', { parse: parseOptions, usage: USAGE }, async (options) => {
  // Hosts of an owner of tests go when this process does; those that are kept stay until somebody removes them.
  const owner = options.keep ? `chaos-${process.pid}` : await testOwner();
  const use = (place: Place) => {
    onStop(() => {
      console.error(stopped ? 'still removing the lab hosts' : 'stopping; the lab hosts are removed');
      if (!stopped) void stop(place);
      stopped = true;
    });
    return run(options, place);
  };
  await withPlace('chaos', owner, use, options.keep);
});

/** A run may still wait for its fault to end, or for a host that is not coming back: nobody waits for that. */
async function stop(place: Place): Promise<void> {
  killDeployments();
  await Promise.allSettled(creations);
  await place.remove();
  process.exit(1);
}

async function run(options: ChaosOptions, place: Place): Promise<void> {
  const begin = performance.now();
  await runProgram(['sh', join(import.meta.dirname, '../transaction/outage.sh'), 'clear']);
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index);
  const tally = { runs: 0, violated: [] as number[] };
  const worker = async () => {
    for (let seed = seeds.shift(); seed !== undefined && !stopped; seed = seeds.shift()) {
      const good = await one(place, options, scenarioOf(seed, options.limits));
      if (stopped) break;
      tally.runs += 1;
      if (!good) tally.violated.push(seed);
    }
  };
  await Promise.all(Array.from({ length: options.hosts }, worker));
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
  const { runs, violated } = tally;
  console.log(
    `\n${runs} runs in ${minutes} minutes, ${violated.length} with a violation${violated.length === 0 ? '' : `: seeds ${violated.join(', ')}`}.`,
  );
  if (violated.length > 0 || stopped) process.exitCode = 1;
}

/** One run on a host of its own; whether nothing was violated. */
async function one({ owner, key }: Place, options: ChaosOptions, scenario: Scenario): Promise<boolean> {
  const { seed, release, mebibytes } = scenario;
  const id = { owner, name: `chaos-${seed}` };
  let good = false;
  try {
    const creation = createVps({ ...id, release, disk: { mebibytes }, authorizedKeys: [key.publicKey] });
    creations.push(creation);
    const vps = await creation;
    const outcome = await tryScenario(vps, key, scenario);
    good = outcome.violations.length === 0;
    print(outcome, options);
  } catch (error) {
    if (!stopped) {
      console.log(`${seed}  BROKEN  ${describeScenario(scenario)}`);
      console.log(
        `    ${error instanceof Error ? error.message : String(error)}\n    again: ${replay(seed, options.limits)}`,
      );
    }
  }
  if (good || !options.keep) await destroyVps(id);
  else console.log(`    kept: a shell in it: sh lab/host/exec.sh ${hostFolder(id)} bash`);
  return good;
}

function print(outcome: Outcome, { limits }: ChaosOptions): void {
  const { scenario, violations, known, fault, said, fate, seconds, story } = outcome;
  const result = violations.length === 0 ? 'ok' : 'VIOLATION';
  console.log(
    `${scenario.seed}  ${result}  ${describeScenario(scenario)}: ${fault}; said ${said}, is ${fate}; ${seconds.toFixed(0)} s`,
  );
  for (const text of violations) console.log(`    ${text}`);
  for (const text of known) console.log(`    known: ${text}`);
  if (violations.length === 0) return;
  console.log(`    again: ${replay(scenario.seed, limits)}`);
  for (const line of story) console.log(`    | ${line}`);
}
