import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, type Project } from './project.ts';

/** A project on a machine with an engine on PATH, whose user is not root: set-up has nothing to install. */
function readyMachine(): Project {
  const project = makeProject();
  project.script('pulumi', 'echo v3.250.0');
  project.script('id', 'echo 1000');
  return project;
}

describe('npm run setup', () => {
  it('is silent and changes nothing where everything is there', () => {
    const project = readyMachine();
    expect(project.run(['sh', 'tools/setup.sh']).stderr).toBe(
      `Pulumi engine: ${join(project.bin, 'pulumi')}\n`,
    );
    const before = statSync(project.path('.postern/engine')).mtimeMs;
    expect(project.run(['sh', 'tools/setup.sh'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(statSync(project.path('.postern/engine')).mtimeMs).toBe(before);
  });

  it('generates a passphrase that only its owner can read, and keeps it', () => {
    const project = readyMachine();
    project.run(['sh', 'tools/setup.sh']);
    const passphrase = project.read('.postern/passphrase');
    expect(passphrase).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(project.path('.postern/passphrase')).mode & 0o777).toBe(0o600);
    rmSync(project.path('.postern/state'), { recursive: true });
    project.run(['sh', 'tools/setup.sh']);
    expect(project.read('.postern/passphrase')).toBe(passphrase);
    expect(readyMachineWith(project)).not.toBe(passphrase);
  });

  it('keeps state to its owner, also what an earlier set-up left to everybody', () => {
    const project = readyMachine();
    project.write('.postern/state/.pulumi/stacks/postern/devnet.json', '{}');
    project.write('.postern/passphrase', 'mine');
    project.run(['chmod', '-R', 'a+rX', '.postern/state']);
    project.run(['sh', 'tools/setup.sh']);
    const mode = (path: string) => statSync(project.path('.postern', path)).mode & 0o777;
    expect(mode('state')).toBe(0o700);
    expect(mode('stacks')).toBe(0o700);
    expect(mode('state/.pulumi/stacks/postern/devnet.json') & 0o077).toBe(0);
  });

  it('makes the key that the stacks log in with, once, and never loses its private half', () => {
    const project = readyMachine();
    project.run(['sh', 'tools/setup.sh']);
    expect(statSync(project.path('.postern/id_ed25519')).mode & 0o777).toBe(0o600);
    const key = project.read('.postern/id_ed25519.pub');
    expect(key).toMatch(/^ssh-ed25519 \S+ postern@/);
    expect(project.run(['ssh-keygen', '-y', '-P', '', '-f', '.postern/id_ed25519']).stdout).toContain(
      key.split(' ')[1],
    );
    project.run(['sh', 'tools/setup.sh']);
    expect(project.read('.postern/id_ed25519.pub')).toBe(key);
    const own = project.read('.postern/id_ed25519');
    rmSync(project.path('.postern/id_ed25519.pub'));
    expect(project.run(['sh', 'tools/setup.sh']).code).toBe(0);
    expect(project.read('.postern/id_ed25519')).toBe(own);
    expect(project.read('.postern/id_ed25519.pub').split(' ')[1]).toBe(key.split(' ')[1]);
    rmSync(project.path('.postern/id_ed25519.pub'));
    project.write('.postern/id_ed25519', 'not a key\n');
    expect(project.run(['sh', 'tools/setup.sh']).stderr).toContain('.postern/id_ed25519 cannot be read');
    expect(project.read('.postern/id_ed25519')).toBe('not a key\n');
  });

  it('keeps the passphrase that another set-up made in the meantime', () => {
    const project = readyMachine();
    project.script('od', 'echo theirs >.postern/passphrase; exec /usr/bin/od "$@"');
    expect(project.run(['sh', 'tools/setup.sh']).code).toBe(0);
    expect(project.read('.postern/passphrase')).toBe('theirs\n');
    expect(project.run(['ls', '.postern']).stdout).not.toMatch(/passphrase\./);
  });

  it('does not make a new passphrase for state that another one encrypted', () => {
    const project = readyMachine();
    project.write('.postern/state/.pulumi/stacks/postern/devnet.json', '{}');
    const outcome = project.run(['sh', 'tools/setup.sh']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('.postern/passphrase, is gone');
    expect(project.run(['sh', 'tools/setup.sh'], { env: { PULUMI_CONFIG_PASSPHRASE: 'mine' } }).code).toBe(0);
  });

  it('can run twice at once', async () => {
    const project = readyMachine();
    const runs = [1, 2, 3].map(() =>
      spawn('sh', ['tools/setup.sh'], {
        cwd: project.root,
        env: { PATH: `${project.bin}:/usr/bin:/bin`, HOME: project.home },
        stdio: 'ignore',
      }),
    );
    const codes = await Promise.all(runs.map(async (run) => (await once(run, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(project.read('.postern/passphrase')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('installs the npm packages when the lockfile has changed, and only then', () => {
    const project = readyMachine();
    project.script('npm', 'echo "$*" >>npm-calls');
    project.run(['sh', 'tools/setup.sh', '--modules']);
    expect(project.run(['ls']).stdout).not.toContain('npm-calls');
    project.write('package-lock.json', '{"lockfileVersion": 3, "packages": {}}');
    expect(project.run(['sh', 'tools/setup.sh', '--modules']).stderr).toMatch(
      /^npm packages: done in \d+ s\n$/,
    );
    project.run(['sh', 'tools/setup.sh', '--modules']);
    expect(project.read('npm-calls')).toBe(
      'ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund\n',
    );
  });

  it('shows the words of npm when the packages cannot be installed', () => {
    const project = readyMachine();
    project.script('npm', 'echo no route to the registry; exit 3');
    project.write('package-lock.json', '{}');
    const outcome = project.run(['sh', 'tools/setup.sh']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('failed after');
    expect(outcome.stderr).toContain('  | no route to the registry\n');
    expect(outcome.stderr).toContain('postern: the npm packages could not be installed');
  });

  it('names the Node.js to install where npm brings none', () => {
    const project = readyMachine();
    rmSync(project.path('node_modules/.bin/node'));
    project.script('node', 'echo v20.20.2');
    const outcome = project.run(['sh', 'tools/setup.sh']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('Node.js >= 22.18 is needed, found: v20.20.2');
    expect(outcome.stderr).toContain('Install Node.js 24');
  });

  it('installs only the Debian packages that are missing', () => {
    const project = readyMachine();
    project.script('id', 'echo 0');
    project.script('dpkg-query', 'printf "iproute2 installed\\nlibfoo config-files\\n"');
    project.script('apt-get', 'echo "$*" >>apt-calls');
    project.write('lab/packages.txt', '# comment\niproute2\nlibfoo\nnmap # trailing\n');
    expect(project.run(['sh', 'tools/setup.sh', '--tests']).code).toBe(0);
    const calls = project.read('apt-calls');
    expect(calls).toMatch(/^update /);
    expect(calls).toMatch(/^install .*-o DPkg::Lock::Timeout=300 .* shellcheck libfoo nmap$/m);
  });

  it('tells what the machine is ready for when asked', () => {
    const project = readyMachine();
    const outcome = project.run(['sh', 'tools/setup.sh', '--report']);
    expect(outcome.stderr).toContain(`Ready. Node.js ${process.version}, Pulumi v3.250.0 at`);
    expect(outcome.stderr).toContain('Lab VPSs need Linux (Debian) and root: not running as root.');
    expect(outcome.stderr).toContain('the targets "existing" and "digitalocean" work');
  });
});

function readyMachineWith(other: Project): string {
  const project = readyMachine();
  project.run(['sh', 'tools/setup.sh']);
  expect(project.root).not.toBe(other.root);
  return project.read('.postern/passphrase');
}
