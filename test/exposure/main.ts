import { createVps } from '../../lab/create.ts';
import { testOwner } from '../../lab/owner.ts';
import { onStop, type Place, runCommand, withPlace } from '../lab/command.ts';
import { type Case, ENGINES, sampleCases } from './generate.ts';
import { type ExposureOptions, parseOptions, sliceOf, USAGE } from './options.ts';
import { computedTable, problemsOf, TABLE_HEAD, tableRow } from './table.ts';
import { type Outcome, type Subject, tryCase } from './trial.ts';

// `npm run exposure`: prints a row as soon as a posture is measured, so that a long run can be watched.
let stopped = false;
onStop(() => {
  console.error('stopping after this posture; the lab host is removed');
  stopped = true;
});

await runCommand('exposure', { parse: parseOptions, usage: USAGE }, async (options) =>
  withPlace('exposure', await testOwner(), (place) => run(options, place)),
);

async function run(
  { backend, engine, runs, seed, shard, hosts }: ExposureOptions,
  { owner, key }: Place,
): Promise<void> {
  const part = shard.parts === 1 ? '' : ` --shard ${shard.part}/${shard.parts}`;
  const listener = engine === ENGINES[0] ? '' : ` --engine ${engine}`;
  const command = `npm run exposure -- --backend ${backend}${listener} --runs ${runs} --seed ${seed}${part}`;
  console.log(`\`${command}\`\n\n${TABLE_HEAD}`);
  const all = sampleCases(backend, runs, seed, engine).map((made, index): Numbered => [index + 1, made]);
  const cases = sliceOf(all, shard.part, shard.parts);
  const outcomes = await Promise.all(
    Array.from({ length: hosts }, async (_, index) => {
      const name = `exposure-${backend}-${index + 1}`;
      const vps = await createVps({ owner, name, authorizedKeys: [key.publicKey] });
      const subject: Subject = { vps, key, previous: undefined };
      return tryAll(subject, sliceOf(cases, index + 1, hosts));
    }),
  );
  summarise(outcomes.flat());
}

type Numbered = readonly [number: number, made: Case];

/** One host's postures, one after the other. */
async function tryAll(subject: Subject, cases: readonly Numbered[]): Promise<(Outcome | Error)[]> {
  const outcomes: (Outcome | Error)[] = [];
  for (const [number, made] of cases) {
    if (stopped) break;
    const outcome = await tryCase(subject, made).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    outcomes.push(outcome);
    console.log(tableRow(number, made, outcome));
    const problems = problemsOf(outcome);
    if (problems.length === 0) continue;
    console.error(problems.map((text) => `  #${number}: ${text}`).join('\n'));
    if (!(outcome instanceof Error)) console.error(computedTable(outcome).join('\n'));
  }
  return outcomes;
}

function summarise(outcomes: readonly (Outcome | Error)[]): void {
  const done = outcomes.filter((outcome): outcome is Outcome => !(outcome instanceof Error));
  const equal = done.filter(({ differences }) => differences.length === 0).length;
  const probes = done.reduce((sum, outcome) => sum + outcome.probes, 0);
  const mean = (part: 'change' | 'look') =>
    (done.reduce((sum, { seconds }) => sum + seconds[part], 0) / Math.max(1, done.length)).toFixed(1);
  console.log(
    `\n${equal} of ${outcomes.length} postures measured as computed; ${probes.toLocaleString('en')} probes; on average a change took ${mean('change')} s, looking ${mean('look')} s.`,
  );
  if (equal < outcomes.length) process.exitCode = 1;
}
