import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Identity } from '../../posture/schema/identity.ts';
import type { Hop } from '../../remote/ssh/target.ts';
import type { Context } from '../command-line/context.ts';
import type { FleetHost } from '../stack/outputs.ts';

/** How a host is logged in to; undefined: the operator's own agent and default keys. A file is an absolute path. */
export type LoginIdentity = Identity | undefined;

/** The folders that paths of a configuration start from. */
export type Folders = Pick<Context, 'project' | 'home'>;

/** The jump host of a host, with the absolute path of its key file; undefined: none. */
export function jumpOf({ jump }: Pick<FleetHost, 'jump'>, folders: Folders): Hop | undefined {
  return jump === null ? undefined : { ...jump, identity: located(jump.identity, folders) };
}

/** An identity of the configuration, with the absolute path of its file. */
export function located(identity: Identity | undefined, { project, home }: Folders): LoginIdentity {
  if (identity === undefined || 'privateKey' in identity) return identity;
  return { file: localPath(identity.file, project, home) };
}

function localPath(path: string, project: string, home: string = homedir()): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(project, path);
}
