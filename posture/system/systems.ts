import type { Posture } from '../schema/posture.ts';
import { debian } from './debian.ts';
import type { HostSystem, SystemName } from './host-system.ts';
import { rhel } from './rhel.ts';

const SYSTEMS: Readonly<Record<SystemName, HostSystem>> = { debian, rhel };

/** The family of systems that a posture is for; Debian where it does not say. */
export function systemName({ system = 'debian' }: Pick<Posture, 'system'>): SystemName {
  return system;
}

/** What the posture's system calls things. */
export function systemOf(posture: Pick<Posture, 'system'>): HostSystem {
  return SYSTEMS[systemName(posture)];
}
