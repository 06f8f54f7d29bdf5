import { describe, expect, it } from 'vitest';
import { makeProject, type Project } from './project.ts';

const init = '[stack][init][--no-select][--non-interactive][--stack]';

function project(user = '1000'): Project {
  const made = makeProject();
  made.withEngine();
  made.script('pulumi', 'exec "$(dirname "$0")/../engine" "$@"');
  made.script('id', `echo ${user}`);
  made.script('dpkg-query', 'printf "shellcheck installed\\n"');
  made.write('stacks/Pulumi.devnet.yaml', 'config:\n  postern:hosts: [{ name: a }] # not existing ones\n');
  made.write('stacks/Pulumi.mainnet.yaml', 'config:\n  postern:hosts: [{ name: a, target: existing }]\n');
  return made;
}

describe('npm run up', () => {
  it('runs pulumi up for devnet by default, without a question for a stack of lab VPSs', () => {
    const made = project('0');
    expect(made.run(['sh', 'tools/up.sh']).code).toBe(0);
    expect(made.engineCalls()).toEqual([
      `${init}[devnet]`,
      '[up][--stack][devnet][--suppress-progress][--yes][--skip-preview]',
      '[stack][select][devnet]',
    ]);
  });

  it('keeps the preview for other targets, and passes flags on', () => {
    const made = project();
    expect(made.run(['sh', 'tools/up.sh', 'mainnet', '--diff', '--message', 'two words']).code).toBe(0);
    expect(made.engineCalls()[1]).toBe(
      '[up][--stack][mainnet][--suppress-progress][--yes][--diff][--message][two words]',
    );
  });

  it('goes on with the other hosts when it looks at all and one is down', () => {
    const made = project();
    made.run(['sh', 'tools/up.sh', 'mainnet', '--refresh']);
    expect(made.engineCalls()[1]).toBe(
      '[up][--stack][mainnet][--suppress-progress][--continue-on-error][--yes][--refresh]',
    );
  });

  it('ends with the exit code of Pulumi', () => {
    const made = project();
    made.run([made.path('node_modules/.bin/pulumi'), 'preview', '-s', 'mainnet']);
    expect(made.run(['sh', 'tools/up.sh', 'mainnet'], { env: { FAKE_CODE: '255' } }).code).toBe(255);
  });

  it.each([0, 255])(
    'ends with the table of the hosts as this run left them, whether or not it failed (%i)',
    (code) => {
      const made = project();
      made.run([made.path('node_modules/.bin/pulumi'), 'preview', '-s', 'mainnet']);
      made.write('cli/main.ts', 'console.log(process.argv.slice(2).join(" "));\n');
      const outcome = made.run(['sh', 'tools/up.sh', 'mainnet'], { env: { FAKE_CODE: String(code) } });
      expect(outcome.code).toBe(code);
      expect(outcome.stdout).toMatch(/^summary --stack mainnet --since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
    },
  );

  it('has the outputs say what is in force where it failed, and leaves every host alone', () => {
    const made = project();
    const registered = (code: string) => {
      made.run(['sh', 'tools/up.sh', 'mainnet'], { env: { FAKE_CODE: code } });
      return made.engineCalls().filter((call) => call.includes('[--target]'));
    };
    expect(registered('0')).toEqual([]);
    expect(registered('255')).toEqual([
      '[up][--stack][mainnet][--yes][--skip-preview][--target][urn:pulumi:mainnet::postern::pulumi:pulumi:Stack::postern-mainnet]',
    ]);
  });

  it('fails where the table does, and keeps the exit code of Pulumi where that failed', () => {
    const made = project();
    made.write('cli/main.ts', 'process.exitCode = 3;\n');
    expect(made.run(['sh', 'tools/up.sh', 'mainnet']).code).toBe(3);
    expect(made.run(['sh', 'tools/up.sh', 'mainnet'], { env: { FAKE_CODE: '255' } }).code).toBe(255);
  });

  it('fails when the engine left an empty state and called that success', () => {
    const made = project('0');
    const { code, stderr } = made.run(['sh', 'tools/up.sh'], { env: { FAKE_FULL_DISK: 'yes' } });
    expect(code).toBe(1);
    expect(stderr).toContain('the state of stack devnet is empty, because the disk was full');
  });

  it('says what lab VPSs need where they cannot be, and which targets work', () => {
    const made = project('1000');
    const outcome = made.run(['sh', 'tools/up.sh', 'devnet']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toBe(
      'Lab VPSs need Linux (Debian) and root: not running as root.\n' +
        'Without them the targets "existing" and "digitalocean" work, and so do the unit tests (npm run test:unit).\n' +
        "postern: stack 'devnet' consists of lab VPSs\n",
    );
    made.script('uname', 'echo Darwin');
    expect(made.run(['sh', 'tools/up.sh']).stderr).toContain('root: this is Darwin, not Linux.');
    expect(made.engineCalls()).toEqual([]);
  });

  it.each(['unknown', '../mainnet', 'a;b', '$(id)'])('refuses the stack name %s', (name) => {
    const made = project();
    const outcome = made.run(['sh', 'tools/up.sh', name]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(
      /is not a stack name|there is no stack .*\n {2}There are: devnet mainnet\./,
    );
    expect(made.engineCalls()).toEqual([]);
  });

  it.each(['up', 'preview'])(
    '%s tells the program of tasks that have a command for their removal',
    (verb) => {
      const made = project();
      made.run(['sh', 'tools/up.sh', 'mainnet']);
      expect(made.engineEnvironment()).not.toHaveProperty('POSTERN_REMOVES_TASKS');
      made.write('.postern/state/.pulumi/stacks/postern/mainnet.json', '{"BeforeDelete": ["a"]}');
      made.run(['sh', `tools/${verb}.sh`, 'mainnet']);
      expect(made.engineEnvironment()).toHaveProperty('POSTERN_REMOVES_TASKS', 'yes');
    },
  );

  it('creates the stack in a backend of the user if it is missing there', () => {
    const made = project();
    const outcome = made.run(['sh', 'tools/up.sh', 'mainnet'], {
      env: { PULUMI_BACKEND_URL: `file://${made.home}` },
    });
    expect(outcome.code).toBe(0);
    expect(made.engineCalls().slice(0, 3)).toEqual([
      '[stack][init][--no-select][--non-interactive][mainnet]',
      '[stack][export][--stack][mainnet]',
      '[up][--stack][mainnet][--suppress-progress][--yes]',
    ]);
  });

  it.each([
    ['deleting', true],
    ['updating', true],
    // A host that is not in the state is made anew.
    ['creating', false],
  ])('looks at every host where a run on another machine was interrupted while %s', (doing, refresh) => {
    const made = project();
    const FAKE_EXPORT = `"pending_operations": [\n { "type": "${doing}" } ]`;
    const env = { PULUMI_BACKEND_URL: `file://${made.home}`, FAKE_EXPORT };
    const { stderr } = made.run(['sh', 'tools/up.sh', 'mainnet', '--diff'], { env });
    expect(made.engineCalls()[2]).toBe(
      `[up][--stack][mainnet][--suppress-progress]${refresh ? '[--continue-on-error][--refresh]' : ''}[--yes][--diff]`,
    );
    expect(stderr.includes('was interrupted')).toBe(refresh);
    expect(made.run(['sh', 'tools/preview.sh', 'mainnet'], { env }).stderr.includes('was interrupted')).toBe(
      refresh,
    );
  });
});

describe('npm run preview', () => {
  it('runs nothing but pulumi preview', () => {
    const made = project();
    made.run(['sh', 'tools/preview.sh', 'mainnet', '--json']);
    expect(made.engineCalls()).toEqual([`${init}[mainnet]`, '[preview][--stack][mainnet][--json]']);
  });
});

describe('npm run down', () => {
  it('destroys a stack of lab VPSs without a question, removes it, and keeps its configuration', () => {
    const made = project('0');
    made.run(['sh', 'tools/up.sh']);
    expect(made.run(['sh', 'tools/down.sh', 'devnet']).code).toBe(0);
    expect(made.engineCalls().slice(3)).toEqual([
      '[destroy][--stack][devnet][--yes][--skip-preview]',
      '[stack][rm][--yes][--preserve-config][devnet]',
    ]);
  });

  it('never says yes for hosts that are not of the lab', () => {
    const made = project();
    made.run(['sh', 'tools/up.sh', 'mainnet']);
    made.run(['sh', 'tools/down.sh', 'mainnet']);
    expect(made.engineCalls()[3]).toBe('[destroy][--stack][mainnet]');
  });

  it.each([
    ['a task of the state has a command for its removal', '"resourceHooks":{"BeforeDelete":["a"]}', '', true],
    ['only the configuration has one', '', '  postern:tasks: [{name: a, run: x, delete: y}]\n', false],
  ])('runs the program where %s', (_name, state, tasks, run) => {
    const made = project();
    made.run(['sh', 'tools/up.sh', 'mainnet']);
    made.write('stacks/Pulumi.mainnet.yaml', `config:\n${tasks}  postern:network: existing\n`);
    made.write('.postern/state/.pulumi/stacks/postern/mainnet.json', `{${state}}`);
    made.run(['sh', 'tools/down.sh', 'mainnet']);
    expect(made.engineCalls()[3]).toBe(`[destroy][--stack][mainnet]${run ? '[--run-program]' : ''}`);
  });

  it('asks a backend of the user for the state', () => {
    const made = project();
    const env = { PULUMI_BACKEND_URL: `file://${made.home}`, FAKE_EXPORT: '"BeforeDelete": ["a"]' };
    made.run(['sh', 'tools/down.sh', 'mainnet'], { env });
    expect(made.engineCalls().slice(0, 2)).toEqual([
      '[stack][export][--stack][mainnet]',
      '[destroy][--stack][mainnet][--run-program]',
    ]);
  });

  it('keeps the stack when only a part of it was destroyed, or when that failed', () => {
    const made = project();
    made.run(['sh', 'tools/up.sh', 'mainnet']);
    made.run(['sh', 'tools/down.sh', 'mainnet', '--target', 'urn:x']);
    expect(made.run(['sh', 'tools/down.sh', 'mainnet'], { env: { FAKE_CODE: '4' } }).code).toBe(4);
    expect(made.engineCalls().slice(3)).toEqual([
      '[destroy][--stack][mainnet][--target][urn:x]',
      '[destroy][--stack][mainnet]',
    ]);
  });

  it('has nothing to do where there is no such stack', () => {
    const made = project('0');
    const outcome = made.run(['sh', 'tools/down.sh']);
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.stderr).toContain('There is no stack devnet in the local backend: nothing to destroy.');
    expect(made.engineCalls()).toEqual([]);
  });
});
