import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { type CreateVpsOptions, createVps } from '../../lab/create.ts';
import { destroyOwner, destroyVps } from '../../lab/destroy.ts';
import { collectGarbage } from '../../lab/garbage.ts';
import { testOwner } from '../../lab/owner.ts';
import { type ProgramResult, runProgram } from '../../lab/program.ts';
import type { LabVps } from '../../lab/vps.ts';
import { forgetKilled } from '../knock/kernel-log.ts';

/**
 * What tests share to have lab VPSs. Importing it is enough to be cleaned up after: hosts belong to this test process,
 * are destroyed after the file's last test, and, if the process is killed, by the next run.
 */
export const owner = await testOwner();

/** What a test's host may be; owner and authorized keys default to the fixture's. */
export type FixtureOptions = Partial<CreateVpsOptions>;

const OUTAGE = path.join(import.meta.dirname, '../transaction/outage.sh');

const folder = mkdtempSync(path.join(tmpdir(), 'postern-test-'));
let hosts = 0;
let garbage: Promise<unknown> | undefined;
let identity: Promise<Identity> | undefined;

/** The client's key pair of this test file. */
export interface Identity {
  /** Path of the private key. */
  readonly file: string;
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string;
}

afterAll(async () => {
  await destroyOwner(owner);
  rmSync(folder, { recursive: true, force: true });
});

/** The key pair that fixture hosts let in as root; made at first use. */
export function clientIdentity(): Promise<Identity> {
  identity ??= makeIdentity('client');
  return identity;
}

/** A further key pair, which no host knows. */
export async function makeIdentity(name: string): Promise<Identity> {
  const file = path.join(folder, name);
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return { file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() };
}

/** A fresh host that lives until it is destroyed or the test file ends. */
export async function freshVps(options: FixtureOptions = {}): Promise<LabVps> {
  // At once, because others may ask while this waits.
  hosts += 1;
  const name = `vps-${hosts}`;
  // Before the first host: what test processes left that were killed.
  garbage ??= Promise.all([collectGarbage(), runProgram(['sh', OUTAGE, 'clear']), forgetKilled()]);
  await garbage;
  const { publicKey } = await clientIdentity();
  return createVps({ owner, name, authorizedKeys: [publicKey], ...options });
}

/** Runs `use` with a fresh host and destroys it, whatever `use` does. */
export async function withVps<T>(use: (vps: LabVps) => Promise<T>, options: FixtureOptions = {}): Promise<T> {
  const vps = await freshVps(options);
  try {
    return await use(vps);
  } finally {
    await destroyVps(vps);
  }
}

/** How the fixture's `ssh` connects. */
export interface SshOptions {
  /** Default: the host's IPv4 address. */
  readonly address?: string;
  readonly identity?: Identity;
  readonly port?: number;
  readonly user?: string;
  /** Secret; used instead of a key. */
  readonly password?: string;
  /** Default: the host's own. */
  readonly hostKeys?: readonly string[];
}

/** Runs a command over plain OpenSSH with the host's key pinned; exit status 255 means that ssh itself failed. */
export async function ssh(
  vps: LabVps,
  argv: readonly string[],
  options: SshOptions = {},
): Promise<ProgramResult> {
  const address = options.address ?? vps.address;
  const knownHosts = path.join(folder, `known-hosts-${vps.owner}-${vps.name}`);
  const keys = options.hostKeys ?? vps.hostKeys;
  await writeFile(knownHosts, keys.map((key) => `pinned ${key}\n`).join(''));
  const { file } = options.identity ?? (await clientIdentity());
  const method =
    options.password === undefined
      ? ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-i', file]
      : ['-o', 'PubkeyAuthentication=no', '-o', 'PreferredAuthentications=password'];
  const prefix = options.password === undefined ? [] : ['sshpass', '-d', '0'];
  return await runProgram(
    [
      ...prefix,
      'ssh',
      ...['-F', 'none', '-o', 'HostKeyAlias=pinned', '-o', `UserKnownHostsFile=${knownHosts}`],
      ...['-o', 'StrictHostKeyChecking=yes', '-o', 'GlobalKnownHostsFile=none', '-o', 'ConnectTimeout=5'],
      ...['-p', String(options.port ?? vps.port), '-l', options.user ?? vps.user],
      ...method,
      address,
      ...argv,
    ],
    { timeoutSeconds: 60, ...(options.password === undefined ? {} : { stdin: `${options.password}\n` }) },
  );
}
