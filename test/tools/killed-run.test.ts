import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { makeProject } from './project.ts';

const pulumi = 'node_modules/.bin/pulumi';
const LOCK = '.postern/state/.pulumi/locks/organization/postern/devnet/one.json';
const STATE = '.postern/state/.pulumi/stacks/postern/devnet.json';
const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** A number that no process has any more. */
const dead = spawnSync('true').pid;

/** The namespace of process numbers, as readlink(1) tells it, and when a process began. */
const space = spawnSync('readlink', ['/proc/self/ns/pid'], { encoding: 'utf8' }).stdout.trim();
function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** A project whose stack has a lock, and what is remembered of the run that holds it. */
function locked(pid: number, run: string | undefined, host = hostname()) {
  const project = makeProject();
  project.withEngine();
  project.write('stacks/Pulumi.devnet.yaml', 'config: {}\n');
  project.write(STATE, '{"version":3,"checkpoint":{}}');
  const timestamp = '2026-11-29T05:57:22.088710395Z';
  project.write(LOCK, JSON.stringify({ pid, username: 'ops', hostname: host, timestamp }));
  if (run !== undefined) project.write(`.postern/runs/devnet.${pid}`, `${run}\n`);
  const up = project.run([pulumi, 'up', '-s', 'devnet']);
  return { ...up, project, isThere: existsSync(project.path(LOCK)) };
}

describe('the lock of a run', () => {
  const words = (pid: number) =>
    `Stack devnet is locked by process ${pid} of ops@${hostname()}, since 2026-11-29T05:57:22Z`;

  it('that was killed goes, and the next run says whose it was', () => {
    const { code, stderr, isThere, project } = locked(dead, `${BOOT} ${space} 1`);
    expect(stderr).toContain(
      `${words(dead)}. That run was killed: its process is gone, and so is its lock now.`,
    );
    expect(isThere).toBe(false);
    expect(code).toBe(0);
    expect(project.engineCalls()).toEqual(['[up][-s][devnet]']);
    expect(existsSync(project.path(`.postern/runs/devnet.${dead}`))).toBe(false);
  });

  it('goes, too, where its number is that of another process by now', () => {
    expect(locked(process.pid, `${BOOT} ${space} 1`).isThere).toBe(false);
  });

  it('stays while it is under way', () => {
    const { stderr, isThere } = locked(process.pid, `${BOOT} ${space} ${startOf(process.pid)}`);
    expect(stderr).toContain(`${words(process.pid)}, and that run is under way`);
    expect(isThere).toBe(true);
  });

  it.each([
    ['of another machine', `${BOOT} ${space} 1`, 'elsewhere', 'That is another machine'],
    ['of an earlier boot', `0b0c ${space} 1`, hostname(), 'There is no such process here'],
    ['of another container', `${BOOT} pid:[1] 1`, hostname(), 'There is no such process here'],
    ['of which nothing is remembered', undefined, hostname(), 'There is no such process here'],
  ])('stays if it is one %s, and the way on is named', (_what, run, host, told) => {
    const { stderr, isThere } = locked(dead, run, host);
    expect(stderr).toContain(told);
    expect(stderr).toContain('npx pulumi cancel -s devnet');
    expect(isThere).toBe(true);
  });
});

describe('what a run was making when it was killed', () => {
  function creating(type: string, ...flags: string[]) {
    const project = makeProject();
    project.withEngine();
    project.write('stacks/Pulumi.devnet.yaml', 'config: {}\n');
    const resources = [
      { type: 'pulumi:pulumi:Stack', urn: 'urn:pulumi:devnet::postern::pulumi:pulumi:Stack::s' },
    ];
    const latest = { resources, pending_operations: [{ type: 'creating', resource: { type } }] };
    project.write(STATE, JSON.stringify({ version: 3, checkpoint: { latest } }));
    project.run([pulumi, 'up', '-s', 'devnet', ...flags]);
    return project.engineCalls();
  }

  it('is forgotten where the next run makes it anew', () => {
    expect(creating('postern:index:Hardening')).toEqual([
      '[refresh][--yes][--skip-preview][--non-interactive][--suppress-outputs][--stack][devnet][--clear-pending-creates][--target][urn:pulumi:devnet::postern::pulumi:pulumi:Stack::s]',
      '[up][-s][devnet]',
    ]);
  });

  it.each(['--help', '-h', '--preview-only'])(
    'is left alone by a run that only asks for words: %s',
    (flag) => {
      expect(creating('postern:index:Hardening', flag)).toEqual([`[up][-s][devnet][${flag}]`]);
    },
  );

  it('is told of by the engine where it may be somewhere', () => {
    expect(creating('digitalocean:index/droplet:Droplet')).toEqual(['[up][-s][devnet]']);
  });
});
