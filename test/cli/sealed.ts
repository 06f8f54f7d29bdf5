import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import { destroyOwner } from '../../lab/destroy.ts';
import { stackOwner } from '../../lab/owner.ts';
import type { LabVps } from '../../lab/vps.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import type { Job } from '../../transaction/job.ts';
import { clientIdentity, freshVps } from '../lab/fixture.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { knocked } from '../transaction/door.ts';
import { hardened, jobFor, type Sections } from '../transaction/fixture.ts';
import { type Ended, host, type Project, projectWith } from './fixture.ts';
import { execute, installProgram } from './program.ts';

const run = promisify(execFile);

/** Stacks whose hosts outlive the process, as an operator's do. */
const owners: string[] = [];

// While the file is read: what a hook registers while it runs is not called.
afterAll(async () => {
  for (const owner of owners.splice(0)) await destroyOwner(owner);
});

/** A sealed lab VPS, with the real program in projects whose engine only tells what its outputs would be. */
export interface SealedHost {
  readonly vps: LabVps;
  readonly job: Job;
  /** The project that the VPS belongs to; its stack `devnet` has this host alone. */
  readonly own: SealedProject;
  /** Another project, which has the host and no lab VPS, as on an operator's second machine. */
  project(given: Given): SealedProject;
  /** Sends the closing knock until the front door is silent, over IPv4 and IPv6. */
  close(): Promise<void>;
  /** Whether a text gives away a port of the host's sequences, or a key. */
  givesAway(text: string): boolean;
}

/** What a project says of the host that is not so. */
export interface Given extends Partial<FleetHost> {
  /** Path of the key that it is logged in with; the fixture's by default. */
  readonly identity?: string;
  /** The opening sequence. */
  readonly open?: Sequence;
}

/** A project with the program in it. */
export interface SealedProject extends Omit<Project, 'postern'> {
  /** Path of the program. */
  readonly program: string;
  /** Runs the real program. */
  postern(...argv: string[]): Promise<Ended>;
}

/**
 * Boots and seals a VPS that belongs to a project's stack `devnet`, destroyed after the file's last test.
 *
 * @param sections of the configuration.
 * @param totp what its second factor is made from.
 */
export async function sealedHost(name: string, sections: Sections = {}, totp?: string): Promise<SealedHost> {
  const folder = temporaryFolder();
  const owner = stackOwner(folder, 'devnet');
  owners.push(owner);
  const vps = await freshVps({ name, owner });
  const job = { ...(await jobFor(vps, sections)), totp };
  const { hostKeys, sealedAt, evidence } = await hardened(job);
  const { address, addressV6 } = vps;
  const exposure = exposureOf(job.posture);
  const knockEngine = job.posture.knock.engine;
  const output = host(name, {
    ...{ address, addressV6, exposure, hostKeys, sealedAt, evidence: [...evidence] },
    firewall: job.posture.firewall.backend,
    knockEngine,
    posture: job.posture,
  });
  const knocks = [...job.sequences.open, ...(job.sequences.close ?? [])];
  const keys = knocks.flatMap(({ spa }) => (spa === undefined ? [] : [spa.key, spa.hmacKey]));
  const { file } = await clientIdentity();
  const inFolder = (place: string, { identity = file, open = job.sequences.open, ...given }: Given) => {
    const { close } = job.sequences;
    const knock = { [name]: { open, close, openSeconds: job.posture.knock.openSeconds } };
    const config = { 'postern:identity': { objectValue: { file: identity } } };
    const codes = totp === undefined ? {} : { totp: { [name]: totp } };
    const devnet = { hosts: [{ ...output, ...given }], knock, ...codes, config };
    const project = projectWith({ devnet }, {}, place);
    const program = installProgram(project);
    return { ...project, program, postern: (...argv: string[]) => execute([program, ...argv]) };
  };
  return {
    vps,
    job,
    own: inFolder(folder, {}),
    project: (given) => inFolder(temporaryFolder(), given),
    async close() {
      // fwknop hears nothing over IPv6, and opens nothing.
      for (const to of knockEngine === 'fwknop' ? [address] : [address, addressV6]) {
        const closed = () => knocked(vps, job, job.sequences.close ?? [], 'silent', { address: to });
        if (!(await closed()) && !(await closed())) throw new Error(`the door at ${to} stays open`);
      }
    },
    givesAway: (text) =>
      keys.some((key) => text.includes(key)) ||
      knocks.some(({ port }) => new RegExp(`\\b${port}\\b`).test(text)),
  };
}

/**
 * Drops what leaves for a VPS and fits an nftables match, unseen by whoever sent it, as a cloud firewall does. Resolves
 * to what ends it.
 */
export async function cloudDrops({ address }: LabVps, match: string): Promise<() => Promise<void>> {
  const number = address.split('.')[2] ?? '';
  // So that `outage.sh clear` finds what a killed test leaves: the next host of this number would not be reached.
  const table = `postern_test_${process.pid}_${number}`;
  const chain = `{ type filter hook egress device "postern${number}" priority 0; }`;
  await run('nft', [`add table netdev ${table}; add chain netdev ${table} out ${chain}`]);
  const end = async () => {
    await run('nft', ['delete', 'table', 'netdev', table]);
  };
  try {
    await run('nft', [`add rule netdev ${table} out ${match} drop`]);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}
