import { afterAll, beforeAll, expect, it } from 'vitest';
import { createVps } from '../../lab/create.ts';
import { destroyOwner } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { stackOwner } from '../../lab/owner.ts';
import type { LabVps } from '../../lab/vps.ts';
import { clientIdentity, ssh } from '../lab/fixture.ts';
import { type Project, projectWith } from './fixture.ts';
import { execute, installProgram } from './program.ts';

// The hosts belong to a project of this test, which `lab` takes for its own.
let project: Project;
let program: string;
const vpss: Record<string, LabVps> = {};

beforeAll(async () => {
  project = projectWith({});
  program = installProgram(project);
  const { publicKey } = await clientIdentity();
  for (const [stack, name] of [
    ['devnet', 'one'],
    ['devnet', 'two'],
    ['testnet', 'two'],
  ] as const) {
    const owner = stackOwner(project.folder, stack);
    vpss[`${stack}/${name}`] = await createVps({ owner, name, authorizedKeys: [publicKey] });
  }
});
afterAll(async () => {
  for (const stack of ['devnet', 'testnet']) await destroyOwner(stackOwner(project.folder, stack));
});

function vps(id: string): LabVps {
  const found = vpss[id];
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

it('lists the project’s hosts, those of one stack, and on request everybody’s', async () => {
  const all = await project.postern('lab', 'list');
  expect(all.code).toBe(0);
  expect(all.stdout.trim().split('\n')).toHaveLength(4);
  expect(all.stdout).toMatch(new RegExp(`^one +devnet +bookworm +on +${vps('devnet/one').address} `, 'm'));
  const one = await project.postern('lab', 'list', '--stack', 'testnet', '--json');
  expect(JSON.parse(one.stdout)).toEqual([
    expect.objectContaining({
      stack: 'testnet',
      host: 'two',
      power: 'on',
      address: vps('testnet/two').address,
    }),
  ]);
  const everybody = await projectWith({}).postern('lab', 'list', '--all');
  expect(everybody.stdout).toContain(stackOwner(project.folder, 'devnet'));
  expect((await projectWith({}).postern('lab', 'list')).stdout).toContain('There are no lab VPSs');
});

it('gives a root shell, whatever firewall and sshd do', async () => {
  await execVps(vps('devnet/one'), ['systemctl', 'stop', 'ssh']);
  await execVps(vps('devnet/one'), ['iptables', '-P', 'INPUT', 'DROP']);
  const stdin = 'id -u\nhostname\nexit 5\n';
  expect(await execute([program, 'lab', 'console', 'one'], { stdin })).toMatchObject({
    code: 5,
    stdout: '0\none\n',
  });
});

it('asks which stack is meant where several have the host', async () => {
  const { code, stderr } = await project.postern('lab', 'console', 'two');
  expect(code).toBe(2);
  expect(stderr).toContain('--stack devnet, --stack testnet');
  const said = await execute([program, 'lab', 'console', 'two', '-s', 'testnet'], { stdin: 'hostname\n' });
  expect(said.stdout).toBe('two\n');
  expect((await project.postern('lab', 'reset', 'three')).stderr).toContain('There are: one (devnet)');
});

it('puts a host back to its beginning and says what to type next', async () => {
  await execVps(vps('devnet/one'), ['touch', '/etc/changed']);
  const { code, stdout } = await project.postern('lab', 'reset', 'one');
  expect(code).toBe(0);
  expect(stdout).toContain('npm run up -- devnet --refresh');
  expect(await ssh(vps('devnet/one'), ['ls', '/etc/changed'])).toMatchObject({ code: 2 });
});

it('destroys the hosts of one stack and no others', async () => {
  const ambiguous = await project.postern('lab', 'down');
  expect(ambiguous).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--stack devnet, --stack testnet'),
  });
  expect(await project.postern('lab', 'down', '--stack', 'devnet')).toMatchObject({
    code: 0,
    stdout: 'Destroyed the lab VPSs of stack devnet: one, two.\n',
  });
  expect((await project.postern('lab', 'list')).stdout.trim().split('\n')).toHaveLength(2);
  expect(await project.postern('lab', 'down', '--stack', 'devnet')).toMatchObject({
    code: 0,
    stdout: 'Stack devnet has no lab VPSs.\n',
  });
  expect(await project.postern('lab', 'down')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('testnet'),
  });
});
