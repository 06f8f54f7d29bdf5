import type { Context } from '../command-line/context.ts';
import type { Engine } from '../stack/engine.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { loginIdentities } from '../stack/identities.ts';
import { jumpOf } from './login-identity.ts';
import type { HostAccess } from './session.ts';
import { transportBy } from './transport.ts';

/** How a host is come into, over whichever of its addresses. */
export type HostTransport = Omit<HostAccess, 'place'>;

/**
 * Gives `use` what it takes to come into a host, and closes the passage afterwards.
 *
 * @throws CommandError where the configuration says in no understandable way how the host is logged in to.
 */
export async function withTransport<T>(
  found: FoundHost,
  engine: Engine,
  context: Context,
  use: (approach: HostTransport) => Promise<T>,
): Promise<T> {
  const { stack, host } = found;
  const login = loginIdentities(await engine.configuration(stack), stack, context)(host.name);
  const jump = jumpOf(host, context);
  const transport = await transportBy(jump);
  try {
    return await use({ found, transport, login, jump });
  } finally {
    await transport.close();
  }
}
