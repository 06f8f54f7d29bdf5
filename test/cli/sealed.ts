import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { FleetHost } from '../../cli/outputs.ts';
import type { LabVps } from '../../lab/vps.ts';
import { exposureOf } from '../../posture/exposure.ts';
import type { Job } from '../../transaction/job.ts';
import { clientIdentity, freshVps } from '../lab/fixture.ts';
import { hardened, jobFor, type Sections } from '../transaction/fixture.ts';
import { type Ended, host, type Project, projectWith } from './fixture.ts';
import { execute, installProgram } from './program.ts';

const run = promisify(execFile);

/** A sealed lab VPS, with the real program in projects whose engine only tells what its outputs would be. */
export interface SealedHost {
  readonly vps: LabVps;
  readonly job: Job;
  readonly output: FleetHost;
  /**
   * A project whose stack `devnet` has this host alone; `given` replaces what its output says.
   *
   * @param identity the path of the key that it is logged in with; the fixture's by default.
   */
  project(given?: Partial<FleetHost>, identity?: string): Promise<SealedProject>;
  /** Whether a text gives away a port of the host's sequences. */
  givesAway(text: string): boolean;
}

/** A project with the program in it. */
export interface SealedProject extends Omit<Project, 'postern'> {
  /** Path of the program. */
  readonly program: string;
  /** Runs the real program. */
  postern(...argv: string[]): Promise<Ended>;
}

/** Boots and seals a VPS, with these sections of a configuration; `totp` is what its second factor is made from. */
export async function sealedHost(name: string, sections: Sections = {}, totp?: string): Promise<SealedHost> {
  const vps = await freshVps({ name });
  const job = { ...(await jobFor(vps, sections)), totp };
  const { hostKeys, sealedAt, evidence } = await hardened(job);
  const { address, addressV6 } = vps;
  const exposure = exposureOf(job.posture);
  const output = host(name, { address, addressV6, exposure, hostKeys, sealedAt, evidence: [...evidence] });
  const knocks = [...job.sequences.open, ...(job.sequences.close ?? [])];
  return {
    vps,
    job,
    output,
    async project(given = {}, identity) {
      const file = identity ?? (await clientIdentity()).file;
      const project = projectWith({
        devnet: {
          hosts: [{ ...output, ...given }],
          knock: { [name]: { ...job.sequences, openSeconds: job.posture.knock.openSeconds } },
          ...(totp === undefined ? {} : { totp: { [name]: totp } }),
          config: { 'postern:identity': { objectValue: { file } } },
        },
      });
      const program = installProgram(project);
      return { ...project, program, postern: (...argv) => execute([program, ...argv]) };
    },
    givesAway: (text) => knocks.some(({ port }) => new RegExp(`\\b${port}\\b`).test(text)),
  };
}

/**
 * Drops what leaves for a VPS and fits an nftables match, unseen by whoever sent it, as a cloud firewall does. An empty
 * match fits everything. Resolves to what ends it.
 */
export async function cloudDrops({ address }: LabVps, match: string): Promise<() => Promise<void>> {
  const number = address.split('.')[2] ?? '';
  const table = `postern-test-${number}`;
  const chain = `{ type filter hook egress device "postern${number}" priority 0; }`;
  await run('nft', [`add table netdev ${table}; add chain netdev ${table} out ${chain}`]);
  const end = async () => {
    await run('nft', ['delete', 'table', 'netdev', table]);
  };
  try {
    await run('nft', [`add rule netdev ${table} out meta protocol { ip, ip6 } ${match} drop`]);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}
