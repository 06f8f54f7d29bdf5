import type { HostSystem } from './host-system.ts';

/** Debian 11, 12, 13. */
export const debian: HostSystem = {
  backend: 'ufw',
  otherBackends: true,
  packages: (names) => [...names],
  path: (path) => path,
  unit: (name) => name,
  content: (_path, text) => text,
  labels: () => [],
};
