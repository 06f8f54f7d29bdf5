import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { givesAway, host, projectWith } from '../fixture.ts';

// `ssh-config` and `knock` name the stack they took; the address leads nowhere, so nothing is sent.
const unreachable = { address: 'nothing.invalid' };
const devnet = { hosts: [host('one', unreachable), host('both', unreachable)] };
const testnet = { hosts: [host('two', unreachable), host('both', unreachable)] };

async function stackOf(output: Promise<{ stdout: string }>): Promise<string | undefined> {
  return /hosts of stack (\S+)\./.exec((await output).stdout)?.[1];
}

it('takes the only stack there is', async () => {
  expect(await stackOf(projectWith({ devnet }).postern('ssh-config'))).toBe('devnet');
});

it('takes the selected stack, and the one that is asked for before that', async () => {
  const { postern } = projectWith({ devnet, testnet: { ...testnet, selected: true } });
  expect(await stackOf(postern('ssh-config'))).toBe('testnet');
  expect(await stackOf(postern('ssh-config', '--stack', 'devnet'))).toBe('devnet');
  expect(await stackOf(postern('ssh-config', '-s', 'devnet'))).toBe('devnet');
});

it('names the choices where several stacks fit and none is selected', async () => {
  const { code, stderr } = await projectWith({ devnet, testnet }).postern('status');
  expect(code).toBe(2);
  expect(stderr).toContain('--stack devnet, --stack testnet');
});

it('names the choices where the stack that is asked for does not exist', async () => {
  const { code, stderr } = await projectWith({ devnet, testnet }).postern('status', '--stack', 'mainnet');
  expect(code).toBe(2);
  expect(stderr).toContain('There is no stack "mainnet". There are: --stack devnet, --stack testnet');
});

it('finds a host in the one stack that has it', async () => {
  const { postern } = projectWith({ devnet: { ...devnet, selected: true }, testnet });
  expect(await postern('knock', 'two')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('two has no'),
  });
});

it('prefers the selected stack for a host that several have', async () => {
  const project = projectWith({ devnet: { ...devnet, selected: true }, testnet });
  expect((await project.postern('knock', 'both')).stderr).toContain('both has no');
  expect(project.asked()).not.toContainEqual(expect.stringContaining('testnet'));
});

it('names the choices for a host that several stacks have', async () => {
  const { code, stderr } = await projectWith({ devnet, testnet }).postern('knock', 'both');
  expect(code).toBe(2);
  expect(stderr).toContain('both is in several stacks. Say which: --stack devnet, --stack testnet');
});

it('says which hosts there are where none fits', async () => {
  const { postern } = projectWith({ devnet, testnet });
  const { code, stderr } = await postern('ssh', 'three');
  expect(code).toBe(2);
  expect(stderr).toContain(
    'No stack has a host called "three". There are: devnet: one, both; testnet: two, both',
  );
  expect((await postern('ssh', 'two', '-s', 'devnet')).stderr).toContain(
    'Stack devnet has no host called "two"',
  );
});

it('says what to do where there is no stack, or no host yet', async () => {
  expect(await projectWith({}).postern('status')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm run up'),
  });
  expect(await projectWith({ devnet: {} }).postern('status')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm run up -- devnet'),
  });
});

it.each(['..', '../..', '-x', 'a/..', 'a b', ''])(
  'refuses the stack name %j before anything is done with it',
  async (name) => {
    const project = projectWith({ devnet });
    for (const command of [['status'], ['lab', 'down'], ['lab', 'list'], ['knock', 'one']])
      expect((await project.postern(...command, `--stack=${name}`)).code).toBe(2);
    expect(project.asked()).toEqual([]);
  },
);

it('refuses outputs that are not what they should be, and names no value', async () => {
  const broken = {
    hosts: [host('one', { address: '-oProxyCommand=reboot', user: 'root;reboot', hostKeys: [] })],
  };
  const { code, stdout, stderr } = await projectWith({ devnet: broken }).postern('ssh', 'one');
  expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
  for (const property of ['hosts[0].address', 'hosts[0].user', 'hosts[0].hostKeys'])
    expect(stderr).toContain(property);
  expect(stderr).not.toContain('reboot');
});

it('keeps sequences out of the command lines of the engine and of what is printed', async () => {
  const project = projectWith({ devnet });
  const { stdout, stderr } = await project.postern('knock', 'one');
  expect(givesAway(project.asked().join() + stdout + stderr)).toBe(false);
});

it('passes on why the engine failed, and nothing that it printed before', async () => {
  const project = projectWith({ devnet });
  writeFileSync(join(project.folder, 'fake/failing'), '');
  const { code, stdout, stderr } = await project.postern('knock', 'one', '--stack', 'devnet');
  expect(code).toBe(1);
  expect(stderr).toContain('pulumi stack export --stack devnet failed: error: incorrect passphrase');
  expect(givesAway(stdout + stderr)).toBe(false);
});

it('says that set-up is missing where there is no engine', async () => {
  const { code, stderr } = await projectWith({}, { project: '/nowhere' }).postern('status');
  expect(code).toBe(1);
  expect(stderr).toContain('npm run setup');
});

it.each(['doctor', 'ssh', 'knock'])(
  'says to `%s` of a host that is configured and was never sealed that it has no door, and why',
  async (command) => {
    const config = { 'postern:hosts': { objectValue: [{ name: 'one' }, { name: 'late' }] } };
    const failure = 'The step "packages" failed: no space\nThe host: is as it was.';
    const results = {
      late: { began: '2026-11-21T09:57:10.000Z', ended: '2026-11-21T09:58:10.000Z', failure },
    };
    const { postern } = projectWith({ devnet: { ...devnet, config, results }, testnet });
    for (const asked of [[], ['--stack', 'devnet']]) {
      const { code, stderr } = await postern(command, 'late', ...asked);
      expect(code).toBe(command === 'ssh' ? 255 : 1);
      expect(stderr).toContain('Stack devnet configures late, and late is not sealed');
      expect(stderr).toContain(failure);
      expect(stderr).toContain('npm run up -- devnet');
    }
  },
);
