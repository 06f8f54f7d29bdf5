import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { RunError } from '@pulumi/pulumi/errors.js';
import { warn } from '@pulumi/pulumi/log/index.js';
import { getStack } from '@pulumi/pulumi/metadata.js';
import * as config from '@pulumi/pulumi/runtime/config.js';
import { isDryRun } from '@pulumi/pulumi/runtime/settings.js';
import { type ReadStack, readStack } from '../posture/read-stack.ts';
import { misreadNumbers } from '../posture/validate/misread-numbers.ts';
import { plainSecrets } from '../posture/validate/plain-secrets.ts';
import { ConfigurationError, type Problem } from '../posture/validate/problem.ts';
import { unexpectedKeys } from '../posture/validate/unexpected-keys.ts';

/** The folder of Pulumi.yaml. */
const PROJECT = join(import.meta.dirname, '..');

const PREFIX = 'postern:';

/** In the SDK, and used by its Config, but not in its type declarations. */
const { isConfigSecret } = config as typeof config & { isConfigSecret(key: string): boolean };

/** Keys of the configuration that are plain words; all others are structured. */
const PLAIN_KEYS = ['network', 'system'];

/**
 * The configuration of the present stack, checked as a whole. Weak but accepted settings are warned of.
 *
 * @throws pulumi.RunError with every problem at once, each at its property path; shown without a stack trace.
 */
export async function stackConfig(): Promise<ReadStack> {
  const stack = getStack();
  const subject = `The configuration of stack ${stack} (stacks/Pulumi.${stack}.yaml)`;
  try {
    const misread = await misreadIn(join(PROJECT, 'stacks', `Pulumi.${stack}.yaml`));
    const { raw, problems } = rawConfig(misread);
    const read = withProblems(problems, subject, () =>
      readStack({ network: stack, ...raw }, subject, readKeyFile, isReadable),
    );
    const plain = plainSecrets(raw, (key) => isConfigSecret(PREFIX + key), `stacks/Pulumi.${stack}.yaml`);
    for (const warning of [...plain, ...read.warnings]) void warn(warning);
    return read;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new RunError(error.message);
    throw error;
  }
}

/** A path of the configuration: relative to the project, or `~/` for the home folder. */
export function localPath(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(PROJECT, path);
}

function readKeyFile(path: string): string {
  return readFileSync(localPath(path), 'utf8');
}

function isReadable(path: string): boolean {
  // A preview logs in nowhere, and the machine that comments on a pull request has no key.
  if (isDryRun() && (process.env['CI'] ?? '') !== '') return true;
  try {
    accessSync(localPath(path), constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Numbers that the engine has read as others than the stack file has them; a stack may be configured in another file. */
async function misreadIn(file: string): Promise<Problem[]> {
  return existsSync(file) ? misreadNumbers(readFileSync(file, 'utf8')) : [];
}

/** The stack's keys as the engine has them, and what is wrong with how they are written. */
function rawConfig(misread: readonly Problem[]): { raw: Record<string, unknown>; problems: Problem[] } {
  const all = config.allConfig();
  const problems: Problem[] = [...misread, ...unexpectedKeys(Object.keys(all))];
  const entries = Object.entries(all)
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, text]): [string, unknown] => {
      const name = key.slice(PREFIX.length);
      if (PLAIN_KEYS.includes(name)) return [name, text];
      try {
        return [name, JSON.parse(text)];
      } catch {
        problems.push({ property: name, reason: 'must be structured; see docs/configuration.md' });
        return [name, undefined];
      }
    });
  return { raw: Object.fromEntries(entries), problems };
}

/** What `read` returns, unless there are problems: then an error with these and with those that it finds besides. */
function withProblems<T>(problems: readonly Problem[], subject: string, read: () => T): T {
  try {
    const result = read();
    if (problems.length === 0) return result;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const told = new Set(problems.map(({ property }) => property));
    const further = error.problems.filter(({ property }) => !told.has(property));
    throw new ConfigurationError(subject, [...problems, ...further]);
  }
  throw new ConfigurationError(subject, problems);
}
