import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const repository = join(import.meta.dirname, '../..');
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a command did. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A throwaway copy of the project with fakes for what is outside of it, and a home of its own. */
export interface Project {
  readonly root: string;
  readonly home: string;
  /** A folder that comes first on PATH. */
  readonly bin: string;
  path(...parts: string[]): string;
  write(path: string, text: string): void;
  read(path: string): string;
  /** Puts an executable shell script somewhere; a relative path is one in {@link bin}. */
  script(path: string, body: string): string;
  run(
    argv: readonly string[],
    options?: { cwd?: string; env?: Record<string, string>; path?: string },
  ): Outcome;
  /** The fake engine becomes the one that set-up recorded. */
  withEngine(): void;
  /** Command lines that the fake engine was started with, oldest first. */
  engineCalls(): string[];
  /** The environment of the engine's last run. */
  engineEnvironment(): Record<string, string>;
}

/**
 * Copies tools/ and what they read into a new folder, as if `npm ci` had run there. Removed when the test ends.
 *
 * @param name the project folder's name, to try awkward ones
 */
export function makeProject(name = 'project'): Project {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'postern-tools-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, name);
  const home = join(base, 'home');
  const bin = join(base, 'bin');
  for (const folder of [root, home, bin, join(root, 'node_modules/.bin')])
    mkdirSync(folder, { recursive: true });
  cpSync(join(repository, 'tools'), join(root, 'tools'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'Pulumi.yaml', '.gitignore'])
    copyFileSync(join(repository, file), join(root, file));
  copyFileSync(join(repository, 'package-lock.json'), join(root, 'node_modules/.postern-lockfile'));
  symlinkSync('../../tools/pulumi.sh', join(root, 'node_modules/.bin/pulumi'));
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));

  const log = join(base, 'engine-calls');
  const seen = join(base, 'engine-environment');
  const project: Project = {
    root,
    home,
    bin,
    path: (...parts) => join(root, ...parts),
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    script(path, body) {
      const file = path.startsWith('/') ? path : join(bin, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `#!/bin/sh\n${body}\n`);
      chmodSync(file, 0o755);
      return file;
    },
    run(argv, { cwd = root, env = {}, path = `${bin}:${systemPath}` } = {}) {
      const [program = '', ...args] = argv;
      const ended = spawnSync(program, args, {
        cwd,
        env: { PATH: path, HOME: home, ENGINE_LOG: log, ENGINE_ENV: seen, ...env },
        encoding: 'utf8',
        timeout: 30_000,
      });
      if (ended.error) throw ended.error;
      return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
    },
    withEngine() {
      copyFileSync(join(import.meta.dirname, 'fake-engine.sh'), join(base, 'engine'));
      chmodSync(join(base, 'engine'), 0o755);
      project.write('.postern/engine', `${join(base, 'engine')}\n`);
      project.write('.postern/passphrase', 'secret\n');
      mkdirSync(join(root, '.postern/state'), { recursive: true });
    },
    engineCalls: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []),
    engineEnvironment: () =>
      Object.fromEntries(
        readFileSync(seen, 'utf8')
          .split('\n')
          .map((line) => /^([A-Z_]+)=(.*)$/.exec(line))
          .filter((match) => match !== null)
          .map(([, key = '', value = '']) => [key, value]),
      ),
  };
  return project;
}
