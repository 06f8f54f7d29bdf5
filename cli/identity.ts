import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Identity } from '../posture/schema/identity.ts';
import { CommandError } from './exit.ts';
import type { World } from './world.ts';

const Configured = z.looseObject({
  identity: Identity.optional(),
  hosts: z
    .array(
      z.looseObject({
        name: z.string(),
        identity: Identity.optional(),
        target: z.looseObject({ jump: z.unknown().optional() }).optional(),
      }),
    )
    .default([]),
});

/** How a host is logged in to, as far as only the stack's configuration tells. */
export interface Login {
  /** Undefined: the operator's own agent and default keys. A file is an absolute path. */
  readonly identity: Identity | undefined;
  /** The host is reached through another one. */
  readonly jump: boolean;
}

/**
 * Reads how each host is logged in to.
 *
 * @param configuration the stack's, as the engine gives it.
 * @throws CommandError naming the properties that are not as they should be; never their values.
 */
export function loginsOf(
  configuration: unknown,
  stack: string,
  { project, home }: World,
): (host: string) => Login {
  const parsed = Configured.safeParse(configuration);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new CommandError(
      `The configuration of stack ${stack} is not understood at: ${where}. npm run preview -- ${stack} says what is wrong.`,
    );
  }
  const { identity, hosts } = parsed.data;
  return (name) => {
    const host = hosts.find((each) => each.name === name);
    const own = host?.identity ?? identity;
    return {
      identity: own === undefined || 'privateKey' in own ? own : { file: localPath(own.file, project, home) },
      jump: host?.target?.jump !== undefined,
    };
  };
}

function localPath(path: string, project: string, home: string = homedir()): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(project, path);
}
