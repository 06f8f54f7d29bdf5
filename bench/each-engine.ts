import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyOwner } from '../lab/destroy.ts';
import { collectGarbage } from '../lab/garbage.ts';
import { testOwner } from '../lab/owner.ts';
import { labSupport } from '../lab/support.ts';
import { Posture } from '../posture/schema/posture.ts';
import { makeKey } from './hosts.ts';
import { type SealedHost, withSealed } from './sealed-host.ts';

/** Knock engines, each with the firewalls whose kernel rules it is measured on where nobody says which. */
export const ENGINES = [
  { engine: 'knockd', backend: 'ufw' },
  { engine: 'kernel', backend: 'ufw' },
  { engine: 'kernel', backend: 'nftables' },
  { engine: 'fwknop', backend: 'ufw' },
] as const;

/** What is measured; nothing named: as {@link ENGINES} says. */
export interface Named {
  readonly engines: readonly string[];
  /** Firewalls; each engine is measured on each. */
  readonly backends: readonly string[];
}

/**
 * The pairs of engine and firewall that are measured.
 *
 * @throws Error for a name that is none of an engine, or of a firewall.
 */
export function pairsOf({ engines, backends }: Named): readonly { engine: string; backend: string }[] {
  const known = [...new Set<string>(ENGINES.map(({ engine }) => engine))];
  check('--engine', engines, known);
  check('--backend', backends, Posture.shape.firewall.shape.backend.options);
  if (backends.length === 0)
    return ENGINES.filter(({ engine }) => engines.length === 0 || engines.includes(engine));
  const chosen = engines.length === 0 ? known : engines;
  return chosen.flatMap((engine) => backends.map((backend) => ({ engine, backend })));
}

function check(option: string, names: readonly string[], known: readonly string[]): void {
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`${option} ${wrong}: there are ${known.join(', ')}`);
}

/**
 * Measures a sealed lab host of each engine in its default configuration, one after the other.
 *
 * @param named only these engines, on these firewalls.
 * @param measure prints one line's end, and says whether it is as it should be.
 * @returns the exit status.
 */
export async function measureEngines(
  named: Named,
  measure: (host: SealedHost) => Promise<{ text: string; good: boolean }>,
): Promise<number> {
  const pairs = pairsOf(named);
  const support = labSupport();
  if (!support.ok) throw new Error(support.reason);
  const owner = await testOwner();
  const folder = mkdtempSync(join(tmpdir(), 'postern-engines-'));
  let bad = 0;
  try {
    await collectGarbage();
    const key = await makeKey(folder);
    for (const { engine, backend } of pairs) {
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
