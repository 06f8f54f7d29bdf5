import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LocalWorkspace, PulumiCommand, type Stack } from '@pulumi/pulumi/automation/index.js';
import { afterAll } from 'vitest';

const repository = join(import.meta.dirname, '../../..');

/** A stack of a test file, and the folder of its state. */
export interface EngineStack {
  readonly stack: Stack;
  readonly folder: string;
  /** Runs a command of the engine that the SDK does not have. */
  pulumi(...words: string[]): void;
}

/**
 * The engine for real, with its hooks: the program runs in this process, because the language host that can be built
 * from the Go registry does not know hooks. The command plugin is a stand-in that logs in with OpenSSH, DigitalOcean's one that
 * writes down what it is asked for.
 *
 * @param environment what the plugins are told.
 */
export async function engineStack(
  program: () => Promise<void>,
  environment: Readonly<Record<string, string>> = {},
): Promise<EngineStack> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tasks-lab-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const engine = readFileSync(join(repository, '.postern/engine'), 'utf8').trim();
  const root = dirname(dirname(engine));
  const providers = [
    { name: 'postern', path: join(repository, 'provider') },
    { name: 'command', path: join(import.meta.dirname, 'command-plugin') },
    { name: 'digitalocean', path: join(import.meta.dirname, '../digitalocean/plugin') },
  ];
  const project = { name: 'postern', runtime: 'nodejs', plugins: { providers } };
  writeFileSync(join(folder, 'Pulumi.yaml'), JSON.stringify(project));
  const envVars = {
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_SKIP_UPDATE_CHECK: '1',
    ...environment,
  };
  const stack = await LocalWorkspace.createStack(
    { stackName: 'tasks', projectName: 'postern', program },
    {
      pulumiCommand: await PulumiCommand.get({ root, skipVersionCheck: true }),
      workDir: folder,
      envVars,
    },
  );
  const pulumi = (...words: string[]) => {
    const env = { ...process.env, ...envVars };
    execFileSync(engine, [...words, '--stack', 'tasks'], { cwd: folder, env, stdio: 'pipe' });
  };
  return { stack, folder, pulumi };
}
