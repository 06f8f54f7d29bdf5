import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyOwner } from '../lab/destroy.ts';
import { collectGarbage } from '../lab/garbage.ts';
import { testOwner } from '../lab/owner.ts';
import { labSupport } from '../lab/support.ts';
import { makeKey } from './hosts.ts';
import { type SealedHost, withSealed } from './sealed-host.ts';

/** Knock engines, each with the firewalls whose kernel rules it is measured on. */
export const ENGINES = [
  { engine: 'knockd', backend: 'ufw' },
  { engine: 'kernel', backend: 'ufw' },
  { engine: 'kernel', backend: 'nftables' },
] as const;

/**
 * Measures a sealed lab host of each engine in its default configuration, one after the other.
 *
 * @param names only these engines; all when there is none.
 * @param measure prints one line's end, and says whether it is as it should be.
 * @returns the exit status.
 */
export async function measureEngines(
  names: readonly string[],
  measure: (host: SealedHost) => Promise<{ text: string; good: boolean }>,
): Promise<number> {
  const support = labSupport();
  if (!support.ok) throw new Error(support.reason);
  const owner = await testOwner();
  const folder = mkdtempSync(join(tmpdir(), 'postern-engines-'));
  let bad = 0;
  try {
    await collectGarbage();
    const key = await makeKey(folder);
    for (const { engine, backend } of ENGINES) {
      if (names.length > 0 && !names.includes(engine)) continue;
      const sections = { knock: { engine }, firewall: { backend } };
      const wish = { owner, name: `${engine}-${backend}`, key, sections };
      const { text, good } = await withSealed(wish, measure);
      console.log(`${engine} on ${backend}: ${text}`);
      if (!good) bad += 1;
    }
  } finally {
    await destroyOwner(owner);
    rmSync(folder, { recursive: true, force: true });
  }
  return bad === 0 ? 0 : 1;
}
