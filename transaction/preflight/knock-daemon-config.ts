import { engineOf } from '../../posture/knock/engines.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { systemOf } from '../../posture/system/systems.ts';
import type { Facts } from '../facts/facts.ts';

/**
 * Doors of the owner's in files of the knock daemon that the posture would write as a whole: neither Postern's nor as
 * their package brought them.
 */
export function knockDaemonConfigProblems({ raw }: Pick<Facts, 'raw'>, posture: Posture): string[] {
  // Sealed with that engine, the file was Postern's: what became of it since is drift, which a change mends.
  if (raw.get('sealed_knock')?.[0] === posture.knock.engine) return [];
  const written = engineOf(posture.knock.engine).paths.map(systemOf(posture).path);
  const owners = (raw.get('knock_config') ?? []).filter((file) => written.includes(file));
  if (owners.length === 0) return [];
  return [
    `${owners.join(' and ')} would be overwritten, and there are settings of yours in it: doors that would be gone. Move the file away, put back the one of its package, or choose another knock.engine`,
  ];
}
