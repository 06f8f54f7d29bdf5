import { packagesOf } from '../../posture/host-files.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { systemName } from '../../posture/system/systems.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Facts } from '../facts/facts.ts';
import { SLOW_SECONDS } from '../time-limits.ts';
import { systemProblems } from './system-problems.ts';

/**
 * What apt would remove for the packages of a posture, ufw for iptables-persistent or the other way round; one sentence
 * that says so, or nothing. Simulated, and only on hosts where it can happen, because apt takes its time.
 */
export async function packageConflicts(session: Session, facts: Facts, posture: Posture): Promise<string[]> {
  // dnf removes nothing unless it is told to.
  if (systemName(posture) === 'rhel' || systemProblems(facts, posture).length > 0) return [];
  const there = facts.raw.get('package') ?? [];
  const wanted = packagesOf(posture);
  const [firewall = ''] = wanted;
  if (there.length === 0 || there.includes(firewall)) return [];
  const { code, stdout } = await session.run({
    argv: ['apt-get', '-s', '-q', '--no-install-recommends', 'install', ...wanted],
    timeoutSeconds: SLOW_SECONDS,
  });
  // With lists that are missing it can't tell; the installation itself removes nothing either.
  if (code !== 0) return [];
  const removed = [...stdout.matchAll(/^Remv (\S+)/gm)].map(([, name]) => name ?? '');
  if (removed.length === 0) return [];
  return [
    `to install ${firewall}, apt would remove ${removed.join(', ')}, and with that what it does for this host; remove it yourself first (apt-get purge ${removed.join(' ')}), or choose the firewall.backend that goes with it`,
  ];
}
