import { backendOf } from '../../posture/firewall/backends.ts';
import { engineOf } from '../../posture/knock/engines.ts';
import type { Posture } from '../../posture/schema/posture.ts';

/**
 * Milliseconds in which the host would have opened a door that it was wrongly knocked at: what is still silent then
 * stays silent. Measured: docs/decisions/0050-how-long-a-door-may-take.md.
 */
export function openLatency({ knock, firewall }: Posture): number {
  const engine = engineOf(knock.engine);
  if (engine.opensInKernel) return engine.openLatency;
  return Math.max(engine.openLatency, backendOf(firewall.backend).openLatency[knock.door]);
}
