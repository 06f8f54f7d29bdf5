import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { RunError } from '@pulumi/pulumi/errors.js';
import { warn } from '@pulumi/pulumi/log/index.js';
import { getStack } from '@pulumi/pulumi/metadata.js';
import * as config from '@pulumi/pulumi/runtime/config.js';
import { plainSecrets } from '../posture/plain-secrets.ts';
import { ConfigurationError, type Problem } from '../posture/problem.ts';
import { type ReadStack, readStack } from '../posture/read-stack.ts';

/** The folder of Pulumi.yaml. */
const PROJECT = join(import.meta.dirname, '..');

const PREFIX = 'postern:';

/** In the SDK, and used by its Config, but not in its type declarations. */
const { isConfigSecret } = config as typeof config & { isConfigSecret(key: string): boolean };

/** Keys of the configuration that are plain words; all others are structured. */
const PLAIN_KEYS = ['network'];

/**
 * The configuration of the present stack, checked as a whole. Weak but accepted settings are warned of.
 *
 * @throws pulumi.RunError with every problem at once, each at its property path; shown without a stack trace.
 */
export function stackConfig(): ReadStack {
  const stack = getStack();
  const subject = `The configuration of stack ${stack} (stacks/Pulumi.${stack}.yaml)`;
  try {
    const raw = rawConfig(subject);
    const read = readStack({ network: stack, ...raw }, subject, readKeyFile);
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

function rawConfig(subject: string): Record<string, unknown> {
  const problems: Problem[] = [];
  const entries = Object.entries(config.allConfig())
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
  if (problems.length > 0) throw new ConfigurationError(subject, problems);
  return Object.fromEntries(entries);
}
