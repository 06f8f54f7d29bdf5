import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeProject, type Project } from './project.ts';

const pulumi = 'node_modules/.bin/pulumi';
const committed = 'config:\n    postern:network: devnet # four spaces\n';

function projectWithStack(): Project {
  const project = makeProject();
  project.withEngine();
  project.write('stacks/Pulumi.devnet.yaml', committed);
  return project;
}

/** The configuration file that the engine was told to read; undefined where it was left to find it. */
function configFile(project: Project): string | undefined {
  return project.engineEnvironment()['PULUMI_OPTION_CONFIG_FILE'];
}

describe('the encryption salt of the local backend', () => {
  it('stays out of stacks/: the engine reads a copy of the file with the salt at its end', () => {
    const project = projectWithStack();
    expect(project.run([pulumi, 'up', '-s', 'devnet'])).toMatchObject({ code: 0, stderr: '' });
    expect(configFile(project)).toBe(project.path('.postern/stacks/salted/Pulumi.devnet.yaml'));
    expect(project.read('.postern/stacks/salted/Pulumi.devnet.yaml')).toBe(
      `${committed}\nencryptionsalt: v1:salt-of-devnet\n`,
    );
    expect(project.read('stacks/Pulumi.devnet.yaml')).toBe(committed);
  });

  it('creates a stack that the local backend does not have, aside of the project and once', () => {
    const project = projectWithStack();
    project.run([pulumi, 'preview', '-s', 'devnet']);
    project.run([pulumi, 'up', '-s', 'devnet', '--yes']);
    expect(project.engineCalls()).toEqual([
      '[stack][init][--no-select][--non-interactive][--stack][devnet]',
      '[preview][-s][devnet]',
      '[up][-s][devnet][--yes]',
    ]);
  });

  it('lets edits of the file through at once, also without a newline at the end', () => {
    const project = projectWithStack();
    project.run([pulumi, 'preview', '-s', 'devnet']);
    project.write('stacks/Pulumi.devnet.yaml', 'config: {}');
    project.run([pulumi, 'preview', '-s', 'devnet']);
    expect(project.read('.postern/stacks/salted/Pulumi.devnet.yaml')).toBe(
      'config: {}\nencryptionsalt: v1:salt-of-devnet\n',
    );
  });

  it.each([
    ['up', '-s', 'devnet'],
    ['up', '-sdevnet'],
    ['up', '--stack', 'devnet'],
    ['up', '--stack=devnet'],
    ['-s', 'devnet', 'up'],
    ['--color', 'never', 'up', '-s', 'devnet'],
    ['-v', '3', '--non-interactive', 'destroy', '-ys', 'devnet'],
    ['refresh', '--stack', 'organization/postern/devnet'],
  ])('is found for: pulumi %s %s %s %s %s %s', (...args) => {
    const project = projectWithStack();
    project.run([pulumi, ...args.filter((word) => word !== undefined)]);
    expect(configFile(project)).toBeDefined();
  });

  it.each([
    ['config', 'set', '-s', 'devnet', 'a', 'b'],
    ['stack', 'output', '-s', 'devnet', 'up'],
    ['up', '-s', 'devnet', '-c', 'a=b'],
    ['up', '-s', 'devnet', '--config-file', 'mine.yaml'],
    ['up', '-s', 'unknown'],
    ['up', '-s', '../../etc/devnet x'],
    ['up'],
  ])('does not come between the engine and the file for: pulumi %s %s %s %s %s %s', (...args) => {
    const project = projectWithStack();
    project.run([pulumi, ...args.filter((word) => word !== undefined)]);
    expect(configFile(project)).toBeUndefined();
    expect(project.engineCalls()).toHaveLength(1);
  });

  it('is not needed where the file says itself how its secrets are kept', () => {
    for (const own of ['encryptionsalt: v1:mine', 'secretsprovider: awskms://alias/key']) {
      const project = projectWithStack();
      project.write('stacks/Pulumi.devnet.yaml', `${own}\n${committed}`);
      project.run([pulumi, 'up', '-s', 'devnet']);
      expect(configFile(project)).toBeUndefined();
    }
  });

  it('lets a stack whose file says how its secrets are kept be created where the backend lacks it', () => {
    const project = projectWithStack();
    project.write('stacks/Pulumi.devnet.yaml', `encryptionsalt: v1:mine\n${committed}`);
    project.run([pulumi, 'up', '-s', 'devnet']);
    project.run([pulumi, 'up', '-s', 'devnet']);
    expect(project.engineCalls()).toEqual([
      '[stack][init][--no-select][--non-interactive][--stack][devnet]',
      '[up][-s][devnet]',
      '[up][-s][devnet]',
    ]);
    expect(existsSync(project.path('.postern/stacks/Pulumi.devnet.yaml'))).toBe(false);
  });

  it('is found for the stack of PULUMI_STACK and for the selected one', () => {
    const byVariable = projectWithStack();
    byVariable.run([pulumi, 'up'], { env: { PULUMI_STACK: 'devnet' } });
    expect(configFile(byVariable)).toBeDefined();

    const selected = projectWithStack();
    const hash = createHash('sha1').update(selected.path('Pulumi.yaml')).digest('hex');
    selected.write(
      `../home/.pulumi/workspaces/postern-${hash}-workspace.json`,
      JSON.stringify({ stack: 'organization/postern/devnet' }, null, 4),
    );
    selected.run([pulumi, 'up']);
    expect(configFile(selected)).toBeDefined();
  });

  it('leaves git status clean', () => {
    const project = projectWithStack();
    const git = (...args: string[]) =>
      project.run(['git', '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'all');
    expect(git('status', '--porcelain').stdout).toBe('');
    project.run([pulumi, 'up', '-s', 'devnet']);
    expect(existsSync(project.path('.postern/stacks/salted/Pulumi.devnet.yaml'))).toBe(true);
    expect(git('status', '--porcelain').stdout).toBe('');
  });

  it('says why a stack could not be created, and does not start the command', () => {
    const project = projectWithStack();
    const outcome = project.run([pulumi, 'up', '-s', 'devnet'], { env: { FAKE_CODE: '1' } });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('the stack devnet could not be created in the local backend');
    expect(project.engineCalls()).toHaveLength(1);
  });
});
