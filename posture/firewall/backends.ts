import type { BackendName, FirewallBackend } from './backend.ts';
import { firewalld } from './firewalld.ts';
import { iptables } from './iptables.ts';
import { nftables } from './nftables.ts';
import { ufw } from './ufw.ts';

const BACKENDS: Readonly<Record<BackendName, FirewallBackend>> = {
  ufw,
  firewalld,
  iptables,
  nftables,
};

/** The firewall that a posture names. */
export function backendOf(name: BackendName): FirewallBackend {
  return BACKENDS[name];
}

/** All of them: a change may be one from any to any, and its rollback has to know what each of them touches. */
export function allBackends(): FirewallBackend[] {
  return Object.values(BACKENDS);
}
