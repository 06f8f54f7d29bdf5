import { z } from 'zod';
import { Identity } from '../../posture/schema/identity.ts';
import { CommandError } from '../command-line/exit.ts';
import { type Folders, type LoginIdentity, located } from '../host/login-identity.ts';

const Configured = z.looseObject({
  identity: Identity.optional(),
  hosts: z.array(z.looseObject({ name: z.string(), identity: Identity.optional() })).default([]),
});

/**
 * Reads how each host is logged in to.
 *
 * @param configuration the stack's, as the engine gives it.
 * @throws CommandError naming the properties that are not as they should be; never their values.
 */
export function loginIdentities(
  configuration: unknown,
  stack: string,
  folders: Folders,
): (host: string) => LoginIdentity {
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
    return located(host?.identity ?? identity, folders);
  };
}
