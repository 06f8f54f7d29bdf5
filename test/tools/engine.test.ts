import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, type Project } from './project.ts';

const downloaded = '.pulumi/versions/3.250.0/bin/pulumi';
const engineScript = 'echo "$0" >>"$HOME/asked"; echo v3.250.0';

/** A machine without any engine: npm's wrapper cannot download, there is no Go, and the user is not root. */
function bareMachine(): Project {
  const project = makeProject();
  project.script('id', 'echo 1000');
  project.write('node_modules/pulumi/run.js', "console.error('pulumi: fetch failed'); process.exit(1);");
  return project;
}

function setup(project: Project, env: Record<string, string> = {}) {
  const outcome = project.run(['sh', 'tools/setup.sh'], { env, path: `${project.bin}:/usr/bin:/bin` });
  const engine = existsSync(project.path('.postern/engine'))
    ? project.read('.postern/engine').trim()
    : undefined;
  return { ...outcome, engine };
}

/** A Go that "builds" by writing a script, and notes how it was asked to. */
function withGo(project: Project, version = 'go1.26.8'): void {
  project.script(
    'go',
    `if [ "$1" = version ]; then echo 'go version ${version} linux/amd64'; exit; fi
     echo "$PWD GOFLAGS=$GOFLAGS $*" >>"$HOME/go-calls"
     while [ "$1" != -o ]; do shift; done
     printf '#!/bin/sh\\necho v3.250.0\\n' >"$2"; chmod +x "$2"`,
  );
}

describe('the choice of the Pulumi engine', () => {
  it('takes the one on PATH if it is new enough', () => {
    const project = bareMachine();
    const engine = project.script('pulumi', 'echo v3.261.0');
    expect(setup(project)).toMatchObject({ code: 0, engine });
  });

  it('passes over an old one, a broken one, npm wrappers, itself and that of another checkout', () => {
    const project = bareMachine();
    const folder = (name: string) => join(project.home, name);
    project.script(join(folder('old'), 'pulumi'), 'echo v3.249.9');
    project.script(join(folder('broken'), 'pulumi'), 'exit 1');
    const wrapper = project.script(join(folder('lib/node_modules/pulumi'), 'run.js'), 'echo v3.265.0');
    project.script(join(folder('wrapped'), 'placeholder'), ':');
    symlinkSync(wrapper, join(folder('wrapped'), 'pulumi'));
    const other = project.script(join(folder('other/tools'), 'pulumi.sh'), 'echo v3.250.0');
    project.script(join(folder('checkout'), 'placeholder'), ':');
    symlinkSync(other, join(folder('checkout'), 'pulumi'));
    const good = project.script(join(folder('good'), 'pulumi'), 'echo v4.0.0');
    const path = [
      project.path('node_modules/.bin'),
      ...['old', 'broken', 'wrapped', 'checkout', 'good'].map(folder),
    ].join(':');
    const outcome = project.run(['sh', 'tools/setup.sh'], { path: `${path}:${project.bin}:/usr/bin:/bin` });
    expect(outcome.code).toBe(0);
    expect(project.read('.postern/engine').trim()).toBe(good);
  });

  it('asks a binary on PATH for its version once, and again when the file has changed', () => {
    const project = bareMachine();
    const asked = () => project.run(['cat', join(project.home, 'asked')]).stdout.split('\n').length - 1;
    project.script('pulumi', engineScript);
    setup(project);
    setup(project);
    expect(asked()).toBe(1);
    project.script('pulumi', `${engineScript} # another build`);
    setup(project);
    expect(asked()).toBe(2);
  });

  it('switches to an engine that appears on PATH later', () => {
    const project = bareMachine();
    withGo(project);
    expect(setup(project).engine).toBe(join(project.home, downloaded));
    const official = project.script('pulumi', 'echo v3.250.0');
    expect(setup(project)).toMatchObject({ engine: official, stderr: `Pulumi engine: ${official}\n` });
  });

  it('uses the download of the npm package where that works', () => {
    const project = bareMachine();
    project.write(
      'node_modules/pulumi/run.js',
      `const fs = require('fs'); const bin = process.env.PULUMI_HOME + '/versions/3.250.0/bin/';
       fs.mkdirSync(bin, { recursive: true });
       for (const name of ['pulumi', 'pulumi-language-nodejs']) fs.writeFileSync(bin + name, '#!/bin/sh\\necho v3.250.0', { mode: 0o755 });`,
    );
    project.write('node_modules/pulumi/package.json', '{}');
    expect(setup(project)).toMatchObject({ code: 0, engine: join(project.home, downloaded) });
    expect(setup(project).stderr).toBe('');
  });

  it('builds it from Go modules where it cannot be downloaded, exactly as pinned', () => {
    const project = bareMachine();
    withGo(project);
    const { code, engine, stderr } = setup(project);
    expect({ code, engine }).toEqual({ code: 0, engine: join(project.home, downloaded) });
    expect(stderr).toContain('cannot be downloaded here (pulumi: fetch failed)');
    const [cli = '', host = '', ...more] = project
      .run(['cat', join(project.home, 'go-calls')])
      .stdout.trim()
      .split('\n');
    expect(more).toEqual([]);
    expect(cli).toContain(`${project.path('tools/engine/cli')} GOFLAGS=-mod=readonly build`);
    expect(cli).toContain('version.Version=v3.250.0');
    expect(host).toContain(project.path('tools/engine/language-host'));
    expect(existsSync(join(project.home, '.pulumi/versions/3.250.0/bin/pulumi-language-nodejs'))).toBe(true);
    expect(existsSync(join(project.home, '.pulumi/versions/.postern-build'))).toBe(false);
  });

  it('builds into PULUMI_HOME, once for all projects that share it', () => {
    const first = bareMachine();
    withGo(first);
    const shared = { PULUMI_HOME: first.path('shared home') };
    const engine = first.path('shared home/versions/3.250.0/bin/pulumi');
    expect(setup(first, shared).engine).toBe(engine);
    const second = bareMachine();
    expect(setup(second, shared)).toMatchObject({ engine, stderr: `Pulumi engine: ${engine}\n` });
  });

  it('leaves nothing that looks finished when the build fails', () => {
    const project = bareMachine();
    project.script(
      'go',
      '[ "$1" = version ] && echo "go version go1.26.8 x" || { echo no space left; exit 1; }',
    );
    const { code, engine, stderr } = setup(project);
    expect({ code, engine }).toEqual({ code: 1, engine: undefined });
    expect(stderr).toContain('| no space left');
    expect(existsSync(join(project.home, downloaded))).toBe(false);
  });

  it.each([
    { go: undefined, why: 'there is no Go' },
    { go: 'go1.19.8', why: 'go1.19.8 linux/amd64 is older than 1.25.11' },
  ])('names what to install where none can be had: $why', ({ go, why }) => {
    const project = bareMachine();
    if (go !== undefined) withGo(project, go);
    project.script('pulumi', 'echo v3.100.0');
    const { code, stderr } = setup(project);
    expect(code).toBe(1);
    expect(stderr).toContain('postern: there is no Pulumi engine, and none can be had\n');
    expect(stderr).toContain(
      'Install Pulumi >= 3.250.0 (so that pulumi is on PATH) or Go >= 1.25.11 (to build it)',
    );
    expect(stderr).toContain('is v3.100.0, older than 3.250.0');
    expect(stderr).toContain(why);
  });
});

describe('version_at_least', () => {
  it.each([
    ['v3.250.0', '3.250.0', true],
    ['3.249.9', '3.250.0', false],
    ['4.0', '3.250.0', true],
    ['v24.21.0', '22.18', true],
    ['22.9.1', '22.18', false],
    ['1.26.8', '1.25.11', true],
    ['1.25', '1.25.11', false],
    ['1.27rc1', '1.25.11', true],
    ['3.260.0-alpha.1', '3.250.0', true],
    ['none', '22.18', false],
  ])('%s against %s: %s', (have, want, enough) => {
    const project = makeProject();
    const { code } = project.run([
      'sh',
      '-c',
      '. tools/lib/version.sh; version_at_least "$1" "$2"',
      'sh',
      have,
      want,
    ]);
    expect(code === 0).toBe(enough);
  });
});
