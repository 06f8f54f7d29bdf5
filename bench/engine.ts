import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LabVps } from '../lab/vps.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { Command } from './command.ts';
import type { LoginKey } from './hosts.ts';
import type { Floor } from './sample.ts';

const PROJECT = join(import.meta.dirname, '..');
const ENGINE = ['sh', join(PROJECT, 'tools/pulumi.sh')];

/** A stack in a backend of its own: `tools/pulumi.sh` with nothing of the user's. */
export interface Stack {
  /** `pulumi up` without a preview, or `pulumi preview`. */
  command(verb: 'up' | 'preview'): Command;
  /** What opens each host's door, as the stack's output says. */
  knock(): Promise<Record<string, Sequences>>;
}

/** The project of an empty program: its `up` is the least that any program on this engine takes. */
export const FLOOR = join(import.meta.dirname, 'floor');

/** A new stack of the project whose hosts are these, as target `existing`. Its state is below `folder`. */
export async function hostStack(folder: string, hosts: readonly LabVps[], key: LoginKey): Promise<Stack> {
  const config = {
    network: 'devnet',
    admin: { user: 'ops', authorizedKeys: [key.publicKey] },
    identity: { file: key.file },
    hosts: hosts.map(({ name, address, addressV6, hostKeys }) => ({
      name,
      target: { type: 'existing', address, addressV6, hostKeys: hostKeys.filter(pinnable) },
    })),
  };
  const values = Object.entries(config).map(
    ([name, value]) => `  postern:${name}: ${JSON.stringify(value)}\n`,
  );
  return makeStack(folder, { name: 'postern', cwd: PROJECT, config: `config:\n${values.join('')}` });
}

/** A new stack of the empty program, for each way of running it. */
export async function floorStacks(folder: string): Promise<Readonly<Record<Floor, Stack>>> {
  const kept = await makeStack(folder, { name: 'postern-floor', cwd: FLOOR, config: '' });
  const asItComes = (verb: 'up' | 'preview') => {
    const command = kept.command(verb);
    // Empty: Node.js keeps nothing, and tools/pulumi.sh leaves what is set as it is.
    return { ...command, env: { ...command.env, NODE_COMPILE_CACHE: '' } };
  };
  return {
    'empty program': { ...kept, command: asItComes },
    'empty program, compiled code kept': kept,
  };
}

function pinnable(hostKey: string): boolean {
  return !hostKey.startsWith('ecdsa');
}

interface StackOptions {
  /** The project's name in Pulumi.yaml. */
  readonly name: string;
  readonly cwd: string;
  /** The stack's configuration, YAML. */
  readonly config: string;
}

async function makeStack(folder: string, { name, cwd, config }: StackOptions): Promise<Stack> {
  const aside = join(folder, 'stack');
  mkdirSync(join(folder, 'state'), { recursive: true });
  mkdirSync(aside);
  const env = { PULUMI_BACKEND_URL: `file://${join(folder, 'state')}`, PULUMI_CONFIG_PASSPHRASE: 'bench' };
  const run = promisify(execFile);
  // `stack init` writes the salt of the stack's secrets beside Pulumi.yaml; not beside the project's.
  writeFileSync(join(aside, 'Pulumi.yaml'), `name: ${name}\nruntime: nodejs\n`);
  const [shell = '', ...pulumi] = ENGINE;
  await run(shell, [...pulumi, 'stack', 'init', '--no-select', '--non-interactive', '--stack', 'bench'], {
    cwd: aside,
    env: { ...process.env, ...env },
  });
  const file = join(aside, 'Pulumi.bench.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}${config}`);
  return {
    command: (verb) => ({
      argv: [
        ...[...ENGINE, verb, '--stack', 'bench', '--config-file', file, '--non-interactive'],
        ...(verb === 'up' ? ['--yes', '--skip-preview'] : []),
      ],
      cwd,
      env,
    }),
    async knock() {
      const { stdout } = await run(
        shell,
        [...pulumi, 'stack', 'output', 'knock', '--json', '--show-secrets', '--stack', 'bench'],
        { cwd: aside, env: { ...process.env, ...env } },
      );
      return JSON.parse(stdout) as Record<string, Sequences>;
    },
  };
}
