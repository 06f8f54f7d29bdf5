import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyOwner } from '../../lab/destroy.ts';
import { stackOwner } from '../../lab/owner.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Identity } from '../lab/fixture.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PULUMI = join(PROJECT, 'tools/pulumi.sh');

/** How a run of the engine ended. */
export interface Run {
  readonly code: number | null;
  /** What it printed, both streams in order. */
  readonly output: string;
}

/** A resource in the engine's state. */
export interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

/** What every stack of these tests configures: whose key gets in, on devnet. */
export function operatedBy({ file, publicKey }: Identity): Record<string, unknown> {
  return { network: 'devnet', admin: { authorizedKeys: [publicKey] }, identity: { file } };
}

/** A host of a stack that existed before it, as an operator configures it. */
export function existingHost(name: string, { address, addressV6, hostKeys }: LabVps): object {
  return { name, target: { type: 'existing', address, addressV6, hostKeys: [...hostKeys] } };
}

/** A throwaway stack of this project on the real engine: its backend, passphrase and configuration lie in a temp folder. */
export class TestStack {
  readonly name = `e2e-${process.pid}`;
  readonly #folder = mkdtempSync(join(tmpdir(), 'postern-e2e-'));
  readonly #salt: Promise<string>;
  readonly #mounted: boolean;

  /** @param diskKib size of a disk of its own for the state; none by default. */
  constructor({ diskKib }: { readonly diskKib?: number } = {}) {
    mkdirSync(this.state);
    this.#mounted = diskKib !== undefined;
    if (this.#mounted) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskKib}k`, 'tmpfs', this.state]);
    this.#salt = this.#init();
  }

  /** The backend's folder. */
  get state(): string {
    return join(this.#folder, 'state');
  }

  /** Sets the stack's configuration: the keys `postern:…` without their prefix. */
  async configure(config: Record<string, unknown>): Promise<void> {
    const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`postern:${key}`, value]));
    // JSON is YAML.
    writeFileSync(this.#configFile, `${await this.#salt}\nconfig: ${JSON.stringify(keys)}\n`);
  }

  /** Runs `pulumi` with the stack and its configuration. */
  async pulumi(...args: string[]): Promise<Run> {
    await this.#salt;
    return ended(this.start(...args));
  }

  /** Starts `pulumi` as the leader of a process group, as a terminal would. */
  start(...args: string[]): ChildProcess {
    return this.#spawn(PROJECT, [...args, '--stack', this.name], {
      PULUMI_OPTION_CONFIG_FILE: this.#configFile,
    });
  }

  /** `pulumi up` without questions. */
  up(...args: string[]): Promise<Run> {
    return this.pulumi('up', '--yes', '--skip-preview', '--suppress-outputs', ...args);
  }

  /** A stack output, secrets shown. */
  async output(name: string): Promise<unknown> {
    const run = await this.pulumi('stack', 'output', name, '--json', '--show-secrets');
    return JSON.parse(run.output);
  }

  /** The resources of a type, as the engine remembers them; secrets shown, because their encryption is never the same. */
  async resources(type: string): Promise<StateResource[]> {
    const { output } = await this.pulumi('stack', 'export', '--show-secrets');
    const all: StateResource[] = JSON.parse(output).deployment.resources;
    return all.filter((resource) => resource.type === type);
  }

  /** Everything that the file backend holds, as text. */
  stored(): string {
    return readFileSync(this.stateFile, 'utf8');
  }

  /** The file that the stack's state is in. */
  get stateFile(): string {
    return join(this.state, '.pulumi/stacks/postern', `${this.name}.json`);
  }

  /** Copies of the state that the plugin keeps in the project. */
  copies(): string[] {
    return this.#kept('copies');
  }

  /** What the plugin keeps in a folder of the project for this stack. */
  #kept(folder: string): string[] {
    const path = join(PROJECT, '.postern', folder);
    if (!existsSync(path)) return [];
    const names = readdirSync(path).filter((name) => name.startsWith(`${this.name}.`));
    return names.map((name) => join(path, name));
  }

  /** Removes hosts, state and configuration, whatever state they are in. */
  async remove(): Promise<void> {
    await destroyOwner(stackOwner(PROJECT, this.name));
    for (const folder of ['copies', 'operations', 'results'])
      for (const file of this.#kept(folder)) rmSync(file);
    if (this.#mounted) execFileSync('umount', ['--lazy', this.state]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #configFile(): string {
    return join(this.#folder, `Pulumi.${this.name}.yaml`);
  }

  /** The stack is made in a project aside, because the engine writes its salt beside the project's configuration. */
  async #init(): Promise<string> {
    writeFileSync(join(this.#folder, 'Pulumi.yaml'), 'name: postern\nruntime: nodejs\n');
    const run = await ended(this.#spawn(this.#folder, ['stack', 'init', this.name, '--no-select'], {}));
    if (run.code !== 0) throw new Error(run.output);
    const salt = readFileSync(this.#configFile, 'utf8').match(/^encryptionsalt:.*$/m)?.[0];
    if (salt === undefined) throw new Error('the engine wrote no salt');
    return salt;
  }

  #spawn(cwd: string, args: string[], env: Record<string, string>): ChildProcess {
    return spawn(PULUMI, args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...env,
        PULUMI_BACKEND_URL: `file://${this.state}`,
        PULUMI_CONFIG_PASSPHRASE: 'e2e',
        NO_COLOR: '1',
      },
    });
  }
}

/** Waits for the end of a process and gathers what it printed. */
export async function ended(child: ChildProcess): Promise<Run> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
