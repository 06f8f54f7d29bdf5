import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { sanitise } from '../../remote/sanitise.ts';
import { type ChangeResult, ChangeResults } from '../../transaction/record/change-result.ts';
import { OperationMarks } from '../../transaction/record/operation-mark.ts';
import type { Context } from '../command-line/context.ts';
import { CommandError } from '../command-line/exit.ts';
import { shortName } from '../ssh/pinned.ts';
import { outputsOf, statesOfHosts } from './deployment.ts';

/** A stack as the engine lists it. */
export interface ListedStack {
  readonly name: string;
  /** Selected with `pulumi stack select` or `PULUMI_STACK`. */
  readonly selected: boolean;
}

/** What is asked of the Pulumi engine. Each question is a process of its own, some 0.2 to 0.4 s. */
export interface Engine {
  /** The project's stacks. */
  stacks(): Promise<ListedStack[]>;
  /** All outputs of a stack, the secret ones in plain text: they stay in this process's memory. */
  outputs(stack: string): Promise<unknown>;
  /** The keys `postern:…` of a stack's configuration without that prefix; structured ones parsed, secrets in plain text. */
  configuration(stack: string): Promise<Record<string, unknown>>;
  /** What came of the last operation on each host of a stack from this machine; the engine itself is not asked. */
  results(stack: string): ChangeResult[];
}

const prefix = 'postern:';

/** The engine that set-up found, through the project's own `pulumi`. */
export function engineOf({ project, env }: Context): Engine {
  const ask = (...argv: string[]) => askPulumi(project, env, argv);
  return {
    async stacks() {
      const listed = await ask('stack', 'ls', '--json');
      if (!Array.isArray(listed)) throw strange('stack ls');
      return listed.filter(isListed).map(({ name, current }) => ({ name, selected: current === true }));
    },
    outputs: async (stack) => {
      const exported = await ask('stack', 'export', '--show-secrets', '--stack', stack);
      const operations = new OperationMarks(project);
      const marks = operations.ofStack(shortName(stack));
      const states = statesOfHosts(exported);
      for (const mark of marks) {
        const state = states.get(mark.urn);
        // A state without it, on another backend or another day, is an older copy from now on.
        if (state !== undefined) operations.noteSaved(state, mark);
      }
      return outputsOf(exported, marks);
    },
    results: (stack) => new ChangeResults(project).ofStack(shortName(stack)),
    configuration: once(async (stack) => {
      const keys = await ask('config', '--json', '--show-secrets', '--stack', stack);
      if (typeof keys !== 'object' || keys === null) throw strange('config');
      return Object.fromEntries(
        Object.entries(keys)
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, entry]: [string, unknown]) => [key.slice(prefix.length), plainValue(entry)]),
      );
    }),
  };
}

/** Asks about each stack once: several parts of one command want to know. */
function once<T>(ask: (stack: string) => Promise<T>): (stack: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (stack) => {
    const answer = asked.get(stack) ?? ask(stack);
    asked.set(stack, answer);
    return answer;
  };
}

function isListed(entry: unknown): entry is { name: string; current?: unknown } {
  return typeof entry === 'object' && entry !== null && 'name' in entry && typeof entry.name === 'string';
}

function plainValue(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return undefined;
  if ('objectValue' in entry) return entry.objectValue;
  return 'value' in entry ? entry.value : undefined;
}

function strange(command: string): CommandError {
  return new CommandError(`pulumi ${command} printed something unexpected; is it another version's?`);
}

function askPulumi(project: string, env: NodeJS.ProcessEnv, argv: readonly string[]): Promise<unknown> {
  const program = join(project, 'node_modules/.bin/pulumi');
  const words = `pulumi ${argv.filter((word) => word !== '--show-secrets').join(' ')}`;
  const options = { cwd: project, env, maxBuffer: 256 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...argv, '--non-interactive'], options, (error, stdout, stderr) => {
      if (error !== null) {
        // Only what was said to people: the error itself carries standard output too, and so secrets.
        const seen =
          sanitise(stderr, 1500) || (error.code === 'ENOENT' ? 'it is not there' : 'it said nothing');
        const next = error.code === 'ENOENT' ? ' Run npm run setup first.' : '';
        return reject(new CommandError(`${words} failed: ${seen}${next}`));
      }
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(strange(argv.slice(0, 2).join(' ')));
      }
    });
    child.stdin?.end();
  });
}
