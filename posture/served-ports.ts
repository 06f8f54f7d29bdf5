import type { Posture } from './schema/posture.ts';

/** Ports that answer without a knock, or will: no knock may be sent to one. */
export function servedPorts(posture: Posture): number[] {
  return [posture.ssh.port, posture.backup.port, ...posture.firewall.rules.map((rule) => rule.port)];
}
