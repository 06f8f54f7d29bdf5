import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { partsOfUrn } from '../../transaction/record/urn.ts';

/** Where a file backend keeps the state of one stack. */
export interface StateFile {
  /** The backend's folder. */
  readonly folder: string;
  /** The state of the stack; absent until it is first written. */
  readonly file: string;
  /** Name for a copy of it: no other state has it. */
  readonly copyName: string;
}

/**
 * Where the state of a resource's stack is kept; undefined where that is no folder of this machine (Pulumi Cloud, S3 …).
 *
 * @param urn of any resource of the stack.
 * @param project folder of the Pulumi project.
 */
export function stateFileOf(urn: string, project: string, env: NodeJS.ProcessEnv): StateFile | undefined {
  const folder = folderOf(backendUrl(project, env), project);
  if (folder === undefined) return undefined;
  const { stack, project: name } = partsOfUrn(urn);
  const stacks = join(folder, '.pulumi/stacks');
  const files = [join(stacks, name, `${stack}.json`), join(stacks, `${stack}.json`)];
  const found = files.flatMap((file) => [file, `${file}.gz`]).find((file) => existsSync(file));
  const own = folder === join(project, '.postern/state');
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  const file = found ?? files[0] ?? '';
  const ending = file.endsWith('.gz') ? 'json.gz' : 'json';
  return { folder, file, copyName: own ? `${stack}.${ending}` : `${stack}.${digest}.${ending}` };
}

/** In the places where Pulumi looks, and in its order. */
function backendUrl(project: string, env: NodeJS.ProcessEnv): string | undefined {
  if (env['PULUMI_BACKEND_URL']) return env['PULUMI_BACKEND_URL'];
  const configured = /^backend:\s*\n\s+url:\s*["']?([^"'\s]+)/m.exec(
    textOf(join(project, 'Pulumi.yaml')),
  )?.[1];
  if (configured !== undefined) return configured;
  const home = env['PULUMI_HOME'] || join(env['HOME'] || homedir(), '.pulumi');
  const credentials = env['PULUMI_CREDENTIALS_PATH'] || home;
  return /"current":\s*"([^"]+)"/.exec(textOf(join(credentials, 'credentials.json')))?.[1];
}

function folderOf(url: string | undefined, project: string): string | undefined {
  if (url === undefined || !url.startsWith('file://')) return undefined;
  const path = decodeURIComponent(url.slice('file://'.length).replace(/\?.*$/, ''));
  return resolve(project, path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
