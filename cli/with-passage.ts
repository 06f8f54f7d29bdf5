import type { Engine } from './engine.ts';
import type { FoundHost } from './fleet.ts';
import { loginsOf } from './identity.ts';
import type { Entrance } from './inside.ts';
import { jumpOf } from './login.ts';
import { passageBy } from './passage.ts';
import type { World } from './world.ts';

/** How a host is come into, over whichever of its addresses. */
export type Approach = Omit<Entrance, 'place'>;

/**
 * Gives `use` what it takes to come into a host, and closes the passage afterwards.
 *
 * @throws CommandError where the configuration says in no understandable way how the host is logged in to.
 */
export async function withPassage<T>(
  found: FoundHost,
  engine: Engine,
  world: World,
  use: (approach: Approach) => Promise<T>,
): Promise<T> {
  const { stack, host } = found;
  const login = loginsOf(await engine.configuration(stack), stack, world)(host.name);
  const jump = jumpOf(host, world);
  const passage = await passageBy(jump);
  try {
    return await use({ found, passage, login, jump });
  } finally {
    await passage.close();
  }
}
