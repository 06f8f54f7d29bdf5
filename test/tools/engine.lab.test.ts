import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, type Project } from './project.ts';

const repository = join(import.meta.dirname, '../..');
const configuration = 'config:\n    postern:network: devnet # kept as it is\n';
const program = `import { Config, secret } from '@pulumi/pulumi';
const network: string = await Promise.resolve(new Config().require('network'));
export const hosts = [network, process.version];
export const knock = secret('4711-in-the-clear');
`;

/** A project on the engine that set-up found, with a small program in place of Postern's. Boots no VPS. */
function realProject(): Project {
  const recorded = join(repository, '.postern/engine');
  if (!existsSync(recorded)) throw new Error('no engine is recorded: run npm run setup first');
  const project = makeProject();
  project.withEngine();
  project.write('.postern/engine', readFileSync(recorded, 'utf8'));
  symlinkSync(join(repository, 'node_modules/@pulumi'), project.path('node_modules/@pulumi'));
  project.write('provider/README', '');
  project.write('stacks/Pulumi.devnet.yaml', configuration);
  project.write('index.ts', program);
  project.run(['git', 'init', '-q']);
  project.run(['git', 'add', '-A']);
  return project;
}

describe('a real engine', () => {
  it('runs the TypeScript program, keeps secrets encrypted and the tracked files as they are', async () => {
    const project = realProject();
    const pulumi = (...args: string[]) => project.run(['node_modules/.bin/pulumi', ...args, '-s', 'devnet']);

    expect(pulumi('up', '--yes', '--skip-preview')).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(pulumi('stack', 'output', 'hosts', '--json').stdout)).toEqual([
      'devnet',
      process.version,
    ]);
    expect(pulumi('stack', 'output', 'knock', '--show-secrets').stdout).toBe('4711-in-the-clear\n');
    expect(project.read('.postern/state/.pulumi/stacks/postern/devnet.json')).not.toContain(
      '4711-in-the-clear',
    );
    expect(pulumi('preview').stdout).toContain('1 unchanged');
    expect(pulumi('refresh', '--yes').code).toBe(0);
    expect(project.read('stacks/Pulumi.devnet.yaml')).toBe(configuration);
    expect(project.run(['git', 'diff', '--name-only']).stdout).toBe('');

    // What the user changes lands in the tracked file, and the next run sees it.
    expect(pulumi('config', 'set', 'network', 'testnet').code).toBe(0);
    expect(project.read('stacks/Pulumi.devnet.yaml')).toBe(
      'config:\n  postern:network: testnet # kept as it is\n',
    );
    const env = { PULUMI_OPTION_SUPPRESS_OUTPUTS: 'false' };
    const preview = ['node_modules/.bin/pulumi', 'preview', '--diff', '-s', 'devnet'];
    expect(project.run(preview, { env }).stdout).toContain('"devnet" => "testnet"');

    expect(pulumi('destroy', '--yes').code).toBe(0);
    expect(pulumi('stack', 'rm', '--yes', '--preserve-config').code).toBe(0);
    expect(existsSync(project.path('stacks/Pulumi.devnet.yaml'))).toBe(true);
  });

  it('decrypts a secret of the configuration with the passphrase of the state', async () => {
    const project = realProject();
    const pulumi = (...args: string[]) => project.run(['node_modules/.bin/pulumi', ...args, '-s', 'devnet']);
    pulumi('preview');
    expect(pulumi('config', 'set', '--secret', 'password', 'hunter2').code).toBe(0);
    expect(project.read('stacks/Pulumi.devnet.yaml')).toMatch(/secure: v1:/);
    expect(pulumi('config', 'get', 'password').stdout).toBe('hunter2\n');
    expect(pulumi('preview').code).toBe(0);
  });
});
