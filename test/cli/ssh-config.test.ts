import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configText } from '../../cli/ssh/config-text.ts';
import { addInclude, includeLine } from '../../cli/ssh/include.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { givesAway, host, projectWith } from './fixture.ts';

const devnet = {
  hosts: [
    host('devnet-1', { address: '10.213.1.2', addressV6: 'fd0a:d213:1::2' }),
    host('devnet-2', { sshPort: 22_022 }),
  ],
};

/** What ssh itself makes of a configuration file. */
function effective(config: string, name: string): Map<string, string> {
  const lines = execFileSync('ssh', ['-G', '-F', config, name], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
    .trim()
    .split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

it('writes an entry for each host', async () => {
  const text = configText({
    stack: 'organisation/postern/devnet',
    hosts: [...devnet.hosts, host('devnet-3')],
    login: (name) =>
      name === 'devnet-3' ? { privateKey: 'secret' } : { file: '/home/op/keys of mine/100%' },
    knownHosts: '/home/op/my project/.postern/ssh/devnet/known_hosts',
    program: '/home/op/my project/100%/cli/postern',
    family: undefined,
  });
  await expect(text).toMatchFileSnapshot('golden/ssh_config');
});

it('is read by ssh as it is meant', async () => {
  const { folder, postern } = projectWith({ devnet });
  const { code, stdout } = await postern('ssh-config');
  expect(code).toBe(0);
  const file = join(folder, 'ssh.conf');
  writeFileSync(file, stdout);
  for (const name of ['devnet-2', 'devnet-2.devnet']) {
    const settings = effective(file, name);
    expect(settings.get('user')).toBe('ops');
    expect(settings.get('port')).toBe('22022');
    expect(settings.get('hostkeyalias')).toBe('devnet-2.devnet.postern');
    expect(settings.get('stricthostkeychecking')).toBe('true');
    expect(settings.get('userknownhostsfile')).toBe(join(folder, '.postern/ssh/devnet/known_hosts'));
    expect(settings.get('identityfile')).toBe(join(folder, 'keys/id'));
    expect(settings.get('proxycommand')).toBe(`${folder}/cli/postern knock devnet-2 --proxy --stack devnet`);
  }
  expect(effective(file, 'elsewhere').has('proxycommand')).toBe(false);
});

it('prints the text alone on standard output, and keeps it with the pinned keys, readable to the owner only', async () => {
  const { folder, postern } = projectWith({ devnet });
  const { stdout, stderr } = await postern('ssh-config');
  const kept = join(folder, '.postern/ssh/devnet');
  expect(readFileSync(join(kept, 'config'), 'utf8')).toBe(stdout);
  expect(readFileSync(join(kept, 'known_hosts'), 'utf8').split('\n')).toHaveLength(3);
  for (const file of ['config', 'known_hosts']) expect(statSync(join(kept, file)).mode & 0o777).toBe(0o600);
  expect(stderr).toContain('--write');
  expect(givesAway(stdout + stderr)).toBe(false);
});

it('pins one IP version where it is told to', async () => {
  const { folder, postern } = projectWith({ devnet });
  const { stdout } = await postern('ssh-config', '-6');
  const file = join(folder, 'ssh.conf');
  writeFileSync(file, stdout);
  const settings = effective(file, 'devnet-1');
  expect(settings.get('addressfamily')).toBe('inet6');
  expect(settings.get('hostname')).toBe('fd0a:d213:1::2');
  expect(settings.get('proxycommand')).toMatch(/--stack devnet -6$/);
});

it('adds one Include line to ~/.ssh/config, at its top, once for all stacks', async () => {
  const project = projectWith({ devnet, testnet: { hosts: [host('testnet-1')] } });
  const config = join(project.home, '.ssh/config');
  const own = 'Host *\n  Port 2022\n';
  writeFileSync(config, own, { mode: 0o644 });
  const first = await project.postern('ssh-config', '--write', '-s', 'devnet');
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('Next: ssh devnet-1') });
  const text = readFileSync(config, 'utf8');
  expect(text).toBe(`${includeLine(project.folder)}\n\n${own}`);
  expect(statSync(config).mode & 0o777).toBe(0o644);
  const again = await project.postern('ssh-config', '--write', '-s', 'testnet');
  expect(again.stdout).toContain('includes it already');
  expect(readFileSync(config, 'utf8')).toBe(text);
  expect(effective(config, 'devnet-2').get('port')).toBe('22022');
  expect(effective(config, 'testnet-1').get('hostkeyalias')).toBe('testnet-1.testnet.postern');
  expect(effective(config, 'elsewhere').get('port')).toBe('2022');
});

it('makes ~/.ssh/config where there is none, and follows a symbolic link', () => {
  const home = temporaryFolder();
  expect(addInclude('/project', home)).toMatchObject({ added: true });
  expect(statSync(join(home, '.ssh/config')).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);

  const other = temporaryFolder();
  mkdirSync(join(other, '.ssh'));
  mkdirSync(join(other, 'dotfiles'));
  writeFileSync(join(other, 'dotfiles/ssh'), 'Compression yes\n');
  symlinkSync('../dotfiles/ssh', join(other, '.ssh/config'));
  addInclude('/project', other);
  expect(lstatSync(join(other, '.ssh/config')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(other, 'dotfiles/ssh'), 'utf8')).toBe(
    `${includeLine('/project')}\n\nCompression yes\n`,
  );
});

it.each([
  'with space',
  'with[brackets]',
  'with*star?',
  "with'quote",
  'with"quotes"',
  'with\\backslash',
  'with$dollar',
])('works in a folder called %s', async (name) => {
  const parent = temporaryFolder();
  const project = join(parent, name);
  mkdirSync(join(project, '.postern/ssh/devnet'), { recursive: true });
  writeFileSync(join(project, '.postern/ssh/devnet/config'), 'Host devnet-1\n  Port 4711\n');
  addInclude(project, parent);
  expect(effective(join(parent, '.ssh/config'), 'devnet-1').get('port')).toBe('4711');
});

it('is brought up to date by `summary`, where it was written before', async () => {
  const project = projectWith({ devnet });
  const kept = join(project.folder, '.postern/ssh/devnet');
  await project.postern('summary');
  expect(() => statSync(kept)).toThrow('ENOENT');
  await project.postern('ssh-config', '-4');
  const text = readFileSync(join(kept, 'config'), 'utf8');
  writeFileSync(join(kept, 'config'), text.replace('User ops', 'User old'));
  writeFileSync(join(kept, 'known_hosts'), '');
  await project.postern('summary');
  expect(readFileSync(join(kept, 'config'), 'utf8')).toBe(text);
  expect(readFileSync(join(kept, 'known_hosts'), 'utf8')).toContain('devnet-1.devnet.postern ssh-ed25519 ');
});
