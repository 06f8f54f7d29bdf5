import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../cli/command-line/context.ts';
import { run } from '../../cli/run.ts';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import type { KnockOutput } from '../../components/outputs.ts';
import type { ChangeResult } from '../../transaction/record/change-result.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** What the engine of a test knows of one stack. */
export interface FakeStack {
  readonly hosts?: readonly FleetHost[];
  readonly knock?: Readonly<Record<string, KnockOutput>>;
  readonly totp?: Readonly<Record<string, string>>;
  /** As `pulumi config --json` prints it. Default: a key file for the whole stack. */
  readonly config?: object;
  readonly selected?: boolean;
  /** What came of the last operation on each host from this machine. */
  readonly results?: Readonly<Record<string, Partial<ChangeResult>>>;
}

/** How a command line ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of a test, with an engine that only plays one. */
export interface Project {
  readonly folder: string;
  readonly home: string;
  /** Runs a command line in this process. */
  postern(...argv: string[]): Promise<Ended>;
  /** What the engine was asked, a line each time. */
  asked(): string[];
}

/** Makes a project whose engine knows these stacks. */
export function projectWith(
  stacks: Readonly<Record<string, FakeStack>>,
  options: Partial<Context> = {},
  folder = temporaryFolder(),
): Project {
  const home = join(folder, 'home');
  for (const each of ['node_modules/.bin', 'fake', 'home/.ssh'])
    mkdirSync(join(folder, each), { recursive: true });
  symlinkSync(join(import.meta.dirname, 'fake-pulumi.sh'), join(folder, 'node_modules/.bin/pulumi'));
  const put = (name: string, value: unknown) =>
    writeFileSync(join(folder, 'fake', name), JSON.stringify(value));
  const listed = Object.entries(stacks).map(([name, { selected }]) => ({ name, current: selected === true }));
  put('stacks.json', listed);
  for (const [name, stack] of Object.entries(stacks)) {
    const { hosts, knock = knocksOf(hosts ?? []), totp = {}, config = fileIdentity } = stack;
    put(`output.${name}.json`, hosts === undefined ? {} : { hosts, knock, totp });
    put(`config.${name}.json`, config);
    for (const [of, result] of Object.entries(stack.results ?? {})) putResult(folder, name, of, result);
  }
  return {
    folder,
    home,
    postern: (...argv) => runIn({ project: folder, home, ...options }, argv),
    asked: () => (readText(join(folder, 'fake/asked')) ?? '').trim().split('\n').filter(Boolean),
  };
}

const fileIdentity = { 'postern:identity': { objectValue: { file: 'keys/id' } } };

/** As the plugin would have written it down. */
function putResult(folder: string, stack: string, name: string, result: Partial<ChangeResult>): void {
  const urn = `urn:pulumi:${stack}::postern::postern:index:Hardening::${name}`;
  const place = join(folder, '.postern/results');
  mkdirSync(place, { recursive: true });
  const whole = { urn, address: '192.0.2.7', operation: 'harden', before: '', ...result };
  writeFileSync(join(place, `${stack}.${name}.json`), JSON.stringify(whole));
}

async function runIn(given: Partial<Context>, argv: readonly string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[name] += text;
    },
  });
  const context: Context = {
    project: '/nowhere',
    home: '/nowhere',
    env: process.env,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    width: 100,
    color: false,
    ...given,
  };
  const code = await run(argv, context);
  return { code, ...said };
}

/** Runs a command line that needs no project. */
export function postern(...argv: string[]): Promise<Ended> {
  return runIn({}, argv);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A sequence whose ports occur nowhere else in the tests. */
export const secretSequence = [
  { port: 23_871, protocol: 'tcp' },
  { port: 18_439, protocol: 'udp' },
  { port: 29_764, protocol: 'tcp' },
] as const;

/** Another one, which closes. */
export const closingSequence = [
  { port: 17_253, protocol: 'udp' },
  { port: 27_918, protocol: 'tcp' },
  { port: 11_746, protocol: 'udp' },
] as const;

/** Whether a text gives away any port of the fixture's sequences. */
export function givesAway(text: string): boolean {
  return [...secretSequence, ...closingSequence].some(({ port }) => text.includes(String(port)));
}

function knocksOf(hosts: readonly FleetHost[]): Record<string, KnockOutput> {
  return Object.fromEntries(
    hosts.map(({ name }) => [name, { open: secretSequence, close: closingSequence, openSeconds: 30 }]),
  );
}

/** A host's output; whatever a test does not care about is filled in. */
export function host(name: string, given: Partial<FleetHost> = {}): FleetHost {
  return {
    name,
    target: 'lab',
    network: 'devnet',
    address: '127.0.0.1',
    addressV6: null,
    user: 'ops',
    sshPort: 22,
    backupPort: 2222,
    firewall: 'ufw',
    knockEngine: 'knockd',
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGBW/G1fnT7NwsrKR8HBVQHnkyUfSJb4Q9cF1yPiKPMB'],
    sealedAt: '2026-11-21T09:57:55Z',
    exposure: [],
    evidence: [],
    unverified: [],
    jump: null,
    interrupted: null,
    firstPort: null,
    ...given,
  };
}
