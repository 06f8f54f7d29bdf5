import { P2P_PORTS } from './network.ts';
import { type Admin, adminDefaults } from './schema/admin.ts';
import { type Firewall, firewallDefaults, type Rule } from './schema/firewall.ts';
import type { Identity } from './schema/identity.ts';
import { type KnockSettings, knockDefaults } from './schema/knock.ts';
import type { Posture } from './schema/posture.ts';
import { backupDefaults, verifyDefaults } from './schema/safety.ts';
import { sshDefaults } from './schema/ssh.ts';
import type { Host, Stack } from './schema/stack.ts';
import type { Target } from './schema/target.ts';
import type { Task } from './schema/task.ts';
import { systemOf } from './system/systems.ts';

/** One host with the stack's sections, its own overrides and the defaults laid over each other. */
export interface ResolvedHost {
  readonly name: string;
  readonly target: Target;
  readonly identity: Identity | undefined;
  /** Host keys that the operator vouches for by hand, `type base64`. */
  readonly acceptHostKeys: readonly string[];
  readonly admin: Admin;
  readonly knock: KnockSettings;
  readonly firewall: Firewall;
  readonly tasks: readonly Task[];
  /** The posture, still without the keys of `admin.authorizedKeyFiles`, which only a reader of files can add. */
  readonly posture: Posture;
}

/** Every host of a stack, in the order of the configuration. */
export function resolveStack(stack: Stack): ResolvedHost[] {
  return stack.hosts.map((host) => resolveHost(stack, host));
}

function resolveHost(stack: Stack, host: Host): ResolvedHost {
  const admin = overlay(adminDefaults, stack.admin, host.admin);
  const knock = overlay(knockDefaults, stack.knock, host.knock);
  const system = host.system ?? stack.system;
  const firewall = overlay(firewallDefaultsOf(system), stack.firewall, host.firewall);
  return {
    name: host.name,
    target: host.target,
    identity: host.identity ?? stack.identity,
    acceptHostKeys: host.acceptHostKeys ?? [],
    admin,
    knock,
    firewall,
    tasks: host.tasks ?? stack.tasks ?? [],
    posture: {
      host: host.name,
      network: stack.network,
      ...(system === undefined ? {} : { system }),
      admin: {
        user: admin.user,
        ...(admin.takeOver === true ? { takeOver: true } : {}),
        authorizedKeys: [...admin.authorizedKeys],
      },
      ssh: overlay(sshDefaults, stack.ssh, host.ssh),
      firewall: {
        backend: firewall.backend,
        rules: openPorts(stack.network, firewall),
        icmpEcho: firewall.icmpEcho,
        foreignRules: firewall.foreignRules,
        ...(firewall.unlisted === 'refuse' ? {} : { unlisted: firewall.unlisted }),
      },
      knock: {
        engine: knock.engine,
        door: knock.door,
        openSeconds: knock.openSeconds,
        timeoutSeconds: knock.timeoutSeconds,
        ...(knock.interface === undefined ? {} : { interface: knock.interface }),
      },
      backup: overlay(backupDefaults, stack.backup, host.backup),
      verify: overlay(verifyDefaults, stack.verify, host.verify),
    },
  };
}

/** Each system comes with a firewall of its own. */
function firewallDefaultsOf(system: Stack['system']): Firewall {
  return { ...firewallDefaults, backend: systemOf({ system }).backend };
}

function openPorts(network: Stack['network'], firewall: Firewall): Rule[] {
  const { p2p, api, rules } = firewall;
  const own: Rule[] = [];
  if (p2p !== null)
    own.push({
      port: p2p.port ?? P2P_PORTS[network],
      protocol: 'tcp',
      from: p2p.from,
      purpose: `p2p ${network}`,
    });
  if (api !== null) own.push({ port: api.port, protocol: 'tcp', from: api.from, purpose: 'public api' });
  return [...own, ...rules];
}

type Layer<T> = { readonly [K in keyof T]?: T[K] | undefined } | undefined;

/** Later layers win, key by key; an absent or undefined key leaves what is below. */
function overlay<T extends object>(defaults: T, ...layers: Layer<T>[]): T {
  const given = layers
    .flatMap((layer) => Object.entries(layer ?? {}))
    .filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
