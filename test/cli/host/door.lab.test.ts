import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FleetHost } from '../../../cli/stack/outputs.ts';
import type { LabVps } from '../../../lab/vps.ts';
import { exposureOf } from '../../../posture/exposure/exposure.ts';
import type { Job } from '../../../transaction/job.ts';
import { clientIdentity, freshVps } from '../../lab/fixture.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { front } from '../../transaction/door.ts';
import { hardened, inside, jobFor, UNGUARDED } from '../../transaction/fixture.ts';
import { type FakeStack, host, type Project, projectWith } from '../fixture.ts';
import { execute, installProgram } from '../program.ts';

// One sealed VPS; the engine only tells what its outputs would be. Every command is the real program.
let vps: LabVps;
let job: Job;
let stack: FakeStack;
let project: Project;
let postern: (...argv: string[]) => ReturnType<typeof execute>;

function output(): FleetHost {
  const { address, addressV6 } = vps;
  return host('sealed-1', { address, addressV6, exposure: exposureOf(job.posture) });
}

beforeAll(async () => {
  vps = await freshVps({ name: 'sealed-1' });
  job = await jobFor(vps);
  const sealed = await hardened(job);
  const { hostKeys, sealedAt, evidence } = sealed;
  const config = { 'postern:identity': { objectValue: { file: (await clientIdentity()).file } } };
  stack = {
    hosts: [{ ...output(), hostKeys, sealedAt, evidence: [...evidence] }],
    knock: { 'sealed-1': { ...job.sequences, openSeconds: job.posture.knock.openSeconds } },
    config,
  };
  project = projectWith({ devnet: stack });
  const program = installProgram(project);
  postern = (...argv) => execute([program, ...argv]);
});

/** Whether a text gives away a port of the host's sequences. */
function givesAway(text: string): boolean {
  const knocks = [...job.sequences.open, ...(job.sequences.close ?? [])];
  return knocks.some(({ port }) => new RegExp(`\\b${port}\\b`).test(text));
}

describe('knock', () => {
  it.each([
    ['-4', 'address'],
    ['-6', 'addressV6'],
  ] as const)('opens the door and closes it again, with %s', async (family, which) => {
    const address = vps[which];
    expect(await front(vps, job, { address })).toBe('silent');
    const opened = await postern('knock', 'sealed-1', family);
    expect(opened).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`port 22 at ${address} is open`),
    });
    expect(await front(vps, job, { address })).toBe('open');
    expect(await postern('knock', 'sealed-1', family, '--close')).toMatchObject({ code: 0 });
    expect(await front(vps, job, { address })).toBe('silent');
    expect(givesAway(opened.stdout + opened.stderr)).toBe(false);
  });

  it('gets through when many knock at once', async () => {
    const ended = await Promise.all(Array.from({ length: 5 }, () => postern('knock', 'sealed-1', '--json')));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    await postern('knock', 'sealed-1', '--close');
  });
});

describe('ssh', () => {
  it('knocks, logs in as the administrator and passes output, input and exit status', async () => {
    expect(await postern('ssh', 'sealed-1', '--', 'id -un; hostname; exit 7')).toMatchObject({
      code: 7,
      stdout: 'ops\nsealed-1\n',
    });
    const sent = randomBytes(1_000_000).toString('base64');
    const { stdout } = await execute(
      [join(project.folder, 'cli/postern'), 'ssh', 'sealed-1', '-6', '--', 'cat'],
      {
        stdin: sent,
      },
    );
    expect(stdout === sent).toBe(true);
  });

  it('talks to nobody who shows another host key', async () => {
    const other = projectWith({
      devnet: {
        ...stack,
        hosts: (stack.hosts ?? []).map((each) => ({ ...each, hostKeys: host('x').hostKeys })),
      },
    });
    const program = installProgram(other);
    for (const argv of [
      [program, 'ssh', 'sealed-1', '--', 'touch /tmp/came-in'],
      ['ssh', '-F', await configOf(other, program), 'sealed-1', 'touch /tmp/came-in'],
    ]) {
      const { code, stderr } = await execute(argv);
      expect(code).toBe(255);
      expect(stderr).toContain('Host key verification failed');
    }
    expect(await inside(vps, 'ls /tmp')).not.toContain('came-in');
  });
});

async function configOf({ folder }: Project, program: string): Promise<string> {
  const { stdout } = await execute([program, 'ssh-config']);
  const file = join(folder, 'ssh.conf');
  writeFileSync(file, stdout);
  return file;
}

describe('ssh-config', () => {
  let config: string;
  beforeAll(async () => {
    config = await configOf(project, join(project.folder, 'cli/postern'));
  });

  it('lets plain ssh knock by itself, and carries whatever bytes there are', async () => {
    await postern('knock', 'sealed-1', '--close');
    const sent = randomBytes(5_000_000);
    const { code, stdout, stderr } = await execute(['ssh', '-F', config, 'sealed-1', 'sha256sum; echo end'], {
      stdin: sent,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${createHash('sha256').update(sent).digest('hex')}  -\nend\n`);
  });

  it('lets scp knock by itself, there and back', async () => {
    await postern('knock', 'sealed-1', '--close');
    const [there, back] = ['there', 'back'].map((name) => join(temporaryFolder(), name));
    writeFileSync(String(there), randomBytes(5_000_000));
    expect(await execute(['scp', '-q', '-F', config, String(there), 'sealed-1.devnet:file'])).toMatchObject({
      code: 0,
    });
    expect(await execute(['scp', '-q', '-F', config, 'sealed-1:file', String(back)])).toMatchObject({
      code: 0,
    });
    expect(readFileSync(String(back)).equals(readFileSync(String(there)))).toBe(true);
  });

  it('ends each of 50 logins at once with its output, or with ssh’s own message where sshd turns it away', async () => {
    await postern('knock', 'sealed-1', '--close');
    const began = performance.now();
    const ended = await Promise.all(
      Array.from({ length: 50 }, () => execute(['ssh', '-F', config, 'sealed-1', 'echo in'])),
    );
    const turnedAway = ended.filter(({ code }) => code !== 0);
    for (const { code, stderr } of turnedAway) {
      expect(code).toBe(255);
      expect(stderr).toMatch(/Connection (closed|reset)|did not open/);
    }
    // sshd admits ten that have not logged in yet (MaxStartups), and more by chance.
    expect(ended.length - turnedAway.length).toBeGreaterThanOrEqual(10);
    expect(performance.now() - began).toBeLessThan(120_000);
  });

  it('follows the host keys of the stack, whatever was pinned when it was written', async () => {
    const pinned = join(project.folder, '.postern/ssh/devnet/known_hosts');
    const text = readFileSync(pinned, 'utf8');
    writeFileSync(pinned, `sealed-1.devnet.postern ${host('x').hostKeys[0]}\n`);
    expect(await execute(['ssh', '-F', config, 'sealed-1', 'echo in'])).toMatchObject({
      code: 0,
      stdout: 'in\n',
    });
    expect(readFileSync(pinned, 'utf8')).toBe(text);
    rmSync(pinned);
    expect(await execute(['ssh', '-F', config, 'sealed-1', 'echo in'])).toMatchObject({
      code: 0,
      stdout: 'in\n',
    });
  });

  it('leaves no process behind', async () => {
    const { stdout } = await execute(['ps', '-A', '-o', 'args=']);
    expect(stdout.split('\n').filter((line) => line.includes(`${project.folder}/cli/main.ts`))).toEqual([]);
  });
});

describe('status', () => {
  it('says that all is as promised, and closes the doors it opened', async () => {
    const { code, stdout } = await postern('status');
    expect(stdout).toContain('1 host as promised');
    expect(code).toBe(0);
    for (const address of [vps.address, vps.addressV6]) {
      expect(stdout).toContain(address);
      expect(await front(vps, job, { address })).toBe('silent');
    }
    expect(stdout).toContain('4002 p2p devnet');
    expect(givesAway(stdout)).toBe(false);
  });

  it('does not take the operator’s own open door for an exposed one', async () => {
    await postern('knock', 'sealed-1');
    const { code, stdout } = await postern('status');
    expect(stdout).toContain('22 ssh (was open)');
    expect(code).toBe(0);
  });

  it('opens nothing with --no-knock', async () => {
    const { code, stdout } = await postern('status', '--no-knock', '--json');
    expect(code).toBe(0);
    const [seen] = JSON.parse(stdout);
    expect(seen.readings.map((reading: { afterKnock: unknown }) => reading.afterKnock)).toEqual([null, null]);
    expect(await front(vps, job)).toBe('silent');
  });

  it('ends with 4 and names the port that answers though it has to be closed', async () => {
    await inside(vps, 'ip6tables -I INPUT -p tcp --dport 2222 -j ACCEPT');
    const { code, stdout } = await postern('status', '--no-knock');
    await inside(vps, 'ip6tables -D INPUT -p tcp --dport 2222 -j ACCEPT');
    expect(code).toBe(4);
    expect(stdout).toContain(`sealed-1: ${vps.addressV6}: backup port 2222 answers with a reset`);
    expect(stdout).not.toContain(`sealed-1: ${vps.address}:`);
  });

  it('ends with 1 and names the port that does not pass', async () => {
    await inside(vps, 'iptables -I INPUT -p tcp --dport 4003 -j DROP');
    const { code, stdout } = await postern('status', '--no-knock');
    await inside(vps, 'iptables -D INPUT -p tcp --dport 4003 -j DROP');
    expect(code).toBe(1);
    expect(stdout).toContain(`sealed-1: ${vps.address}: port 4003 (public api) does not pass: silent`);
  });
});

describe('a door that does not open', () => {
  beforeAll(async () => {
    await inside(vps, `${UNGUARDED} systemctl stop knockd`);
    return () => inside(vps, 'systemctl start knockd');
  });

  it('ends knock with 3, ssh with 255 and status with 3, and each says so', async () => {
    const [knock, ssh, plain, status] = await Promise.all([
      postern('knock', 'sealed-1', '--json'),
      postern('ssh', 'sealed-1', '--', 'true'),
      execute([
        'ssh',
        '-F',
        await configOf(project, join(project.folder, 'cli/postern')),
        'sealed-1',
        'true',
      ]),
      postern('status'),
    ]);
    expect(knock).toMatchObject({ code: 3, stdout: '' });
    expect(ssh.code).toBe(255);
    expect(plain.code).toBe(255);
    for (const { stderr } of [knock, ssh, plain])
      expect(stderr).toContain('The door of sealed-1 did not open over IPv4');
    expect(status.code).toBe(3);
    expect(status.stdout).toContain('the door does not open: ssh port 22 stays silent');
    expect([knock, ssh, plain, status].some(({ stdout, stderr }) => givesAway(stdout + stderr))).toBe(false);
  });
});
