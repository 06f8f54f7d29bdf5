import { mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject } from './project.ts';

const pulumi = 'node_modules/.bin/pulumi';

describe('npx pulumi', () => {
  it('passes every argument on as it is and ends with the exit code of the engine', () => {
    const project = makeProject();
    project.withEngine();
    const outcome = project.run([pulumi, 'about', 'a b', '', '*', '$HOME'], { env: { FAKE_CODE: '7' } });
    expect(outcome).toEqual({ code: 7, stdout: '', stderr: '' });
    expect(project.engineCalls()).toEqual(['[about][a b][][*][$HOME]']);
  });

  it('uses a local backend with its own passphrase for a user without a backend', () => {
    const project = makeProject();
    project.withEngine();
    project.run([pulumi, 'about']);
    expect(project.engineEnvironment()).toMatchObject({
      PULUMI_BACKEND_URL: `file://${project.root}/.postern/state`,
      PULUMI_CONFIG_PASSPHRASE_FILE: project.path('.postern/passphrase'),
      PULUMI_SKIP_UPDATE_CHECK: '1',
      NODE_COMPILE_CACHE: project.path('.postern/cache/node'),
    });
  });

  it('leaves the outputs out after every run, unless the user wants them', () => {
    const project = makeProject();
    project.withEngine();
    const suppressed = (env: Record<string, string>) => {
      project.run([pulumi, 'up'], { env });
      return project.engineEnvironment()['PULUMI_OPTION_SUPPRESS_OUTPUTS'];
    };
    expect(suppressed({})).toBe('true');
    expect(suppressed({ PULUMI_OPTION_SUPPRESS_OUTPUTS: 'false' })).toBe('false');
  });

  it('has the engine write its local state for its owner alone', () => {
    const project = makeProject();
    project.withEngine();
    project.write('stacks/Pulumi.devnet.yaml', 'config: {}\n');
    project.run([pulumi, 'up', '-s', 'devnet']);
    const state = '.postern/state/.pulumi/stacks/postern';
    expect(statSync(project.path(state)).mode & 0o777).toBe(0o700);
    expect(statSync(project.path(state, 'devnet.json')).mode & 0o777).toBe(0o600);
  });

  it('says how a state is taken back that is empty because the disk was full', () => {
    const project = makeProject();
    project.withEngine();
    project.write('stacks/Pulumi.devnet.yaml', 'config: {}\n');
    const state = '.postern/state/.pulumi/stacks/postern/devnet.json';
    project.write(state, '');
    const up = () => project.run([pulumi, 'up', '-s', 'devnet']);
    expect(up()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('.pulumi/backups/postern/devnet'),
    });
    project.write('.postern/copies/devnet.json', '{"version":3}');
    const { code, stderr } = up();
    expect(code).toBe(1);
    expect(project.engineCalls()).toEqual([]);
    const command = /^ {2}(cd .* && cp .*) && npm run up -- devnet --refresh$/m.exec(stderr)?.[1] ?? '';
    expect(project.run(['sh', '-c', command]).code).toBe(0);
    expect(project.read(state)).toBe('{"version":3}');
    expect(up().code).toBe(0);
  });

  it('puts the Node.js of the project first on PATH, then the folder of the engine', () => {
    const project = makeProject();
    project.withEngine();
    project.run([pulumi, 'about']);
    const [first, second] = project.engineEnvironment()['PATH']?.split(':') ?? [];
    expect(first).toBe(project.path('node_modules/.bin'));
    expect(second).toBe(dirname(project.read('.postern/engine').trim()));
  });

  it.each([
    { by: 'PULUMI_BACKEND_URL', env: { PULUMI_BACKEND_URL: 's3://bucket' }, url: 's3://bucket' },
    { by: 'PULUMI_ACCESS_TOKEN', env: { PULUMI_ACCESS_TOKEN: 'pul-1' }, url: undefined },
  ])('leaves a backend chosen by $by alone', ({ env, url }) => {
    const project = makeProject();
    project.withEngine();
    project.write('stacks/Pulumi.devnet.yaml', 'config: {}\n');
    project.run([pulumi, 'up', '-s', 'devnet'], { env: { ...env, PULUMI_OPTION_CONFIG_FILE: 'mine' } });
    const seen = project.engineEnvironment();
    expect(seen['PULUMI_BACKEND_URL']).toBe(url);
    expect(seen['PULUMI_CONFIG_PASSPHRASE_FILE']).toBeUndefined();
    expect(seen['PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER']).toBeUndefined();
    expect(project.engineCalls()).toEqual(['[up][-s][devnet]']);
  });

  it.each([
    { what: 'a login', current: 'https://api.example.com', local: false },
    { what: 'no current login', current: '', local: true },
  ])('respects $what in credentials.json', ({ current, local }) => {
    for (const text of [
      JSON.stringify({ current, accounts: {} }),
      JSON.stringify({ current, accounts: {} }, null, 4),
    ]) {
      const project = makeProject();
      project.withEngine();
      project.write('../home/.pulumi/credentials.json', text);
      project.run([pulumi, 'about']);
      expect(project.engineEnvironment()['PULUMI_BACKEND_URL'] !== undefined).toBe(local);
    }
  });

  it('looks for the login where PULUMI_HOME says', () => {
    const project = makeProject();
    project.withEngine();
    project.write('elsewhere/credentials.json', '{"current": "https://api.example.com"}');
    project.run([pulumi, 'about'], { env: { PULUMI_HOME: project.path('elsewhere') } });
    expect(project.engineEnvironment()['PULUMI_BACKEND_URL']).toBeUndefined();
  });

  it('respects a backend in Pulumi.yaml', () => {
    const project = makeProject();
    project.withEngine();
    project.write('Pulumi.yaml', 'name: postern\nruntime: nodejs\nbackend:\n  url: s3://bucket\n');
    project.run([pulumi, 'about']);
    expect(project.engineEnvironment()['PULUMI_BACKEND_URL']).toBeUndefined();
  });

  it.each([
    { env: { PULUMI_CONFIG_PASSPHRASE: '' } },
    { env: { PULUMI_CONFIG_PASSPHRASE: 'mine' } },
    { env: { PULUMI_CONFIG_PASSPHRASE_FILE: '/mine' } },
  ])('leaves a passphrase of the user alone: $env', ({ env }) => {
    const project = makeProject();
    project.withEngine();
    rmSync(project.path('.postern/passphrase'));
    expect(project.run([pulumi, 'about'], { env }).code).toBe(0);
    const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = project.engineEnvironment();
    expect({ PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE }).toEqual(env);
  });

  it('works in a folder whose name needs care in a URL, from a subfolder and through a symbolic link', () => {
    const project = makeProject('a b 100%#c');
    project.withEngine();
    mkdirSync(project.path('sub/folder'), { recursive: true });
    const link = join(project.bin, 'linked');
    symlinkSync(project.root, link);
    for (const cwd of [project.root, project.path('sub/folder'), join(link, 'sub')]) {
      expect(project.run([join(link, pulumi), 'about'], { cwd })).toMatchObject({ code: 0, stderr: '' });
      const url = project.engineEnvironment()['PULUMI_BACKEND_URL'] ?? '';
      expect(decodeURIComponent(url)).toBe(`file://${project.root}/.postern/state`);
    }
  });

  it('says what to run where set-up has not been', () => {
    const project = makeProject();
    expect(project.run([pulumi, 'about'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'postern: there is no Pulumi engine yet. Run npm run setup first.\n',
    });
    project.withEngine();
    rmSync(project.path('.postern/passphrase'));
    expect(project.run([pulumi, 'about']).stderr).toContain(
      '.postern/passphrase, is missing. Run npm run setup.',
    );
  });
});
