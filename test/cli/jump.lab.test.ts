import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import type { LabVps } from '../../lab/vps.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import type { Job } from '../../transaction/job.ts';
import { clientIdentity, freshVps, makeIdentity } from '../lab/fixture.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { plug } from '../transaction/beside.ts';
import { front } from '../transaction/door.ts';
import { hardened, jobFor } from '../transaction/fixture.ts';
import { host, type Project, projectWith } from './fixture.ts';
import { execute, installProgram } from './program.ts';

/** The keys of a process's environment that would lead ssh to keys of whoever runs the tests. */
const nobody = { ...process.env, SSH_AUTH_SOCK: '' };

// A sealed VPS that lets in nobody but its neighbour, which has a login key of its own.
describe('a host behind a jump host', () => {
  let target: LabVps;
  let jump: LabVps;
  let job: Job;
  let project: Project;
  let behind: FleetHost;
  let unplug = async () => {};
  let postern: (...argv: string[]) => ReturnType<typeof execute>;

  beforeAll(async () => {
    const jumpKey = await makeIdentity('jump');
    jump = await freshVps({ name: 'jump-1', authorizedKeys: [jumpKey.publicKey] });
    target = await freshVps({ name: 'behind-1' });
    unplug = await plug(jump, target);
    const { address, port, user, hostKeys } = jump;
    const hop = { address, port, user, hostKeys: [...hostKeys] };
    const direct = await jobFor(target);
    job = {
      ...direct,
      initialAccess: { ...direct.initialAccess, jump: { ...hop, identity: { file: jumpKey.file } } },
    };
    const { hostKeys: pinned, sealedAt, evidence } = await hardened(job);
    behind = {
      ...host('behind-1', { address: target.address, addressV6: target.addressV6, target: 'existing' }),
      ...{ hostKeys: [...pinned], sealedAt, evidence: [...evidence] },
      exposure: exposureOf(job.posture),
      jump: { ...hop, identity: { privateKey: readFileSync(jumpKey.file, 'utf8') } },
    };
    project = projectWith({
      devnet: {
        hosts: [behind],
        knock: { 'behind-1': { ...job.sequences, openSeconds: job.posture.knock.openSeconds } },
        config: { 'postern:identity': { objectValue: { file: (await clientIdentity()).file } } },
      },
    });
    const program = installProgram(project);
    postern = (...argv) => execute([program, ...argv], { env: nobody });
  });
  afterAll(() => unplug());

  function hopOf({ jump: own }: FleetHost) {
    if (own === null) throw new Error('no jump host');
    return own;
  }

  it('is knocked at from there, and closed again; here it stays closed', async () => {
    const opened = await postern('knock', 'behind-1');
    expect(opened).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`is open for the jump host ${jump.address}`),
    });
    expect(await front(target, job)).toBe('silent');
    expect(await postern('knock', 'behind-1', '--close')).toMatchObject({ code: 0 });
  });

  it.each([['-4'], ['-6']])('is logged in to, with %s', async (family) => {
    const ended = await postern('ssh', 'behind-1', family, '--', 'id -un; hostname; exit 7');
    expect(ended).toMatchObject({ code: 7, stdout: 'ops\nbehind-1\n' });
  });

  it('is reached by plain ssh and scp', async () => {
    const { stdout } = await postern('ssh-config');
    const config = join(project.folder, 'ssh.conf');
    writeFileSync(config, stdout);
    const [there, back] = ['there', 'back'].map((name) => join(temporaryFolder(), name));
    writeFileSync(String(there), randomBytes(3_000_000));
    const scp = (from: string, to: string) => execute(['scp', '-q', '-F', config, from, to], { env: nobody });
    expect(await scp(String(there), 'behind-1:file')).toMatchObject({ code: 0 });
    expect(await scp('behind-1:file', String(back))).toMatchObject({ code: 0 });
    expect(readFileSync(String(back)).equals(readFileSync(String(there)))).toBe(true);
  });

  it('is measured from there', async () => {
    const { code, stdout } = await postern('status');
    expect(stdout).toContain('1 host as promised');
    expect(code).toBe(0);
    expect(await front(target, job)).toBe('silent');
  });

  it('is found to be in order by doctor', async () => {
    const { code, stdout } = await postern('doctor', 'behind-1', '-4');
    expect(stdout).toContain(`jump host  knocks leave from ${jump.address}`);
    expect(stdout).toContain('You can get in');
    expect(code).toBe(0);
  });

  it('leaves no process and no folder behind', async () => {
    const { stdout } = await execute(['ps', '-A', '-o', 'args=']);
    const left = stdout
      .split('\n')
      .filter((line) => line.includes(project.folder) || line.includes(`-W ${target.address}:`));
    expect(left).toEqual([]);
  });

  it('is not tried where the jump host shows another key than the pinned one', async () => {
    const other = projectWith({
      devnet: { hosts: [{ ...behind, jump: { ...hopOf(behind), hostKeys: host('x').hostKeys } }] },
    });
    const program = installProgram(other);
    for (const command of ['knock', 'ssh', 'status', 'doctor']) {
      const ended = await execute([program, command, ...(command === 'status' ? [] : ['behind-1'])], {
        env: nobody,
      });
      expect(ended.code).toBe(command === 'ssh' ? 255 : 1);
      expect(ended.stdout + ended.stderr).toMatch(
        /the jump host could not be used: .* showed SHA256:\S+, pinned is/,
      );
    }
  });
});
