import type { EvidenceLog } from './evidence.ts';
import { openedBy, rulePorts } from './foreign-rules.ts';
import type { View } from './view.ts';

/** At most so many are looked at; a rule may be about all ports. */
const MOST = 32;

/** The TCP ports that rules of the host's own, which are kept, name and may let answer. */
export function foreignRulePorts({
  posture,
  foreignRules,
  source,
}: Pick<View, 'posture' | 'foreignRules' | 'source'>): number[] {
  const known = [
    posture.ssh.port,
    posture.backup.port,
    ...posture.firewall.rules.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port),
  ];
  const found = new Set<number>();
  for (const rule of foreignRules) {
    const answers = openedBy(rule, source);
    for (const [low, high] of rulePorts(rule) ?? [])
      for (let port = low; port <= Math.min(high, low + MOST - 1, 65_535); port++) {
        if (found.size === MOST) return [...found];
        if (port > 0 && !known.includes(port) && answers(port)) found.add(port);
      }
  }
  return [...found];
}

/** Writes down what answers by rules that no table is computed from. Whatever it is, it is the owner's wish. */
export async function probeForeignRulePorts(view: View, log: EvidenceLog): Promise<void> {
  await Promise.all(
    foreignRulePorts(view).map(async (port) => {
      const { state } = await view.vantage.probeTcp(view.address, port, view.silenceTimeout);
      log.record(`tcp ${port}, by a rule of the host that is kept`, 'not computed', state, true);
    }),
  );
}
