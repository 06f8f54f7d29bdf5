import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { time } from './command.ts';
import type { Contender, Prepared } from './contenders/contender.ts';
import { lacking } from './end-state.ts';
import type { Stack } from './engine.ts';
import { type Arena, type LoginKey, withHosts } from './hosts.ts';
import { watchPlugin } from './memory.ts';
import { type Phase, phasesOf } from './phases.ts';
import { calm } from './quiet.ts';
import { FLOORS, type Floor, type Sample } from './sample.ts';

/** What all runs share. */
export interface Bench {
  readonly owner: string;
  readonly key: LoginKey;
  /** A temporary folder. */
  readonly folder: string;
  readonly floors: Readonly<Record<Floor, Stack>>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** What one round of one contender gave. */
export interface Findings {
  readonly samples: readonly Sample[];
  /** Of a hardening by Postern. */
  readonly phases?: readonly Phase[];
  /** Most memory of Postern's plugin, in KiB. */
  readonly memory?: number;
}

/** Where a run stands in the whole. */
export interface Place {
  readonly round: number;
  readonly hosts: number;
}

/** Fresh hosts, one contender, one hardening; the end state is checked, and Postern then has nothing to change. */
export function measure(bench: Bench, contender: Contender, place: Place): Promise<Findings> {
  const { owner, key, signal } = bench;
  return withHosts(owner, key, place.hosts, async (hosts) => {
    const arena: Arena = { hosts, key, folder: mkdtempSync(join(bench.folder, `${contender.name}-`)) };
    const prepared = await contender.prepare(arena);
    const before = await calm(signal);
    let watch: ReturnType<typeof watchPlugin> | undefined;
    const { milliseconds, lines } = await time(prepared.commands, {
      signal,
      onStart: (pid) => {
        if (contender.name === 'Postern') watch = watchPlugin(pid);
      },
    }).finally(() => watch?.stop());
    const memory = watch?.stop();
    bench.say(`${place.hosts} × ${contender.name}: ${(milliseconds / 1000).toFixed(2)} s`);
    const sample: Sample = { subject: contender.name, action: 'harden', ...place, milliseconds, ...before };
    await expectEndState(contender, prepared, arena);
    if (!('stack' in prepared)) return { samples: [sample] };
    const idle = await measureIdle(bench, prepared.stack as Stack, place);
    const phases = phasesOf(lines, milliseconds);
    return { samples: [sample, ...idle], phases, ...(memory === undefined ? {} : { memory }) };
  });
}

async function expectEndState(
  contender: Contender,
  prepared: Prepared,
  { hosts, key }: Arena,
): Promise<void> {
  // A daemon that was started last is given the moment that an operator would give it.
  await sleep(500);
  const problems = await Promise.all(
    hosts.map(async (host) => lacking(host, key, await prepared.sequencesOf(host))),
  );
  if (problems.flat().length === 0) return;
  throw new Error(`${contender.name} did not reach the end state:\n  ${problems.flat().join('\n  ')}`);
}

/** `up` and `preview` with nothing to change, each beside those of the empty program. */
async function measureIdle(bench: Bench, stack: Stack, place: Place): Promise<Sample[]> {
  const { floors, signal } = bench;
  const samples: Sample[] = [];
  for (const verb of ['up', 'preview'] as const) {
    for (const [subject, subjects] of [
      ...FLOORS.map((floor) => [floor, floors[floor]] as const),
      ['Postern', stack] as const,
    ]) {
      const before = await calm(signal);
      const { milliseconds, lines } = await time([subjects.command(verb)], { signal });
      if (lines.some(({ text }) => /^\s*[+~-] /.test(text)))
        throw new Error(
          `${subject}: \`${verb}\` found something to change:\n${lines.map(({ text }) => text).join('\n')}`,
        );
      samples.push({ subject, action: `${verb}, nothing to change`, ...place, milliseconds, ...before });
    }
  }
  return samples;
}
