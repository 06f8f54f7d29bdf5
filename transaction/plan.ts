import { DEFAULT_ZONE } from '../posture/firewall/firewalld.ts';
import {
  packagesOf,
  payloadFiles,
  plainFileList,
  touchedPaths,
  touchedUnits,
} from '../posture/host-files.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { Posture } from '../posture/schema/posture.ts';
import { servedPorts } from '../posture/served-ports.ts';
import { accessFiles } from '../posture/sshd/access.ts';
import { backupSshdConfig } from '../posture/sshd/backup.ts';
import { DROP_IN } from '../posture/sshd/conflicts.ts';
import { asksForCode, pamLines, totpFile } from '../posture/sshd/second-factor.ts';
import type { Setting } from '../posture/sshd/setting.ts';
import { sshdDropIn } from '../posture/sshd/settings.ts';
import { systemName, systemOf } from '../posture/system/systems.ts';
import { type BundleFile, bundle } from './bundle.ts';
import type { Facts, Operation } from './facts/facts.ts';
import type { NewHostKeys } from './job.ts';
import { ufwPolicies } from './preflight/default-policies.ts';
import { agentFiles } from './programs.ts';
import { stepSeconds } from './time-limits.ts';

/** Seconds that apt gets: a first upgrade of a cloud image holds its locks for minutes. */
export const PACKAGES_SECONDS = 900;

/** What a change is about to do on one host. */
export interface Plan {
  /** Id of the change, unique. */
  readonly id: string;
  /** Who makes it, for the messages of others who come meanwhile. */
  readonly holder: string;
  /** What the host is asked: to take on the posture, or to be again what it was before its first change. */
  readonly operation: Operation;
  readonly posture: Posture;
  readonly sequences: Sequences;
  /** Secret: what the codes of the second factor are made from, where the posture asks for one. */
  readonly totp: string | undefined;
  readonly settings: readonly Setting[];
  readonly facts: Facts;
  /** User that the deployer logs in as for this change. */
  readonly deployer: string;
  /** The deployer's addresses as the host sees them; the backup port opens for these only. */
  readonly deployerAddresses: readonly string[];
  /** Addresses that the proof comes from, where fail2ban has to be told to overlook them. */
  readonly banExempt: readonly string[];
  /** Port through which the change is to be confirmed. */
  readonly frontPort: number;
  /** Host keys that the host is to take on; undefined: it keeps its own. Secret. */
  readonly newHostKeys: NewHostKeys | undefined;
}

/** The plan as the host reads it: `key=value` lines of checked words. */
function planText(plan: Plan): string {
  const { posture, facts } = plan;
  const oldPort = facts.sshPorts[0] ?? 22;
  const lines: Record<string, string | number> = {
    id: plan.id,
    holder: plan.holder,
    operation: plan.operation,
    admin_user: posture.admin.user,
    deployer: plan.deployer,
    deployer_addresses: plan.deployerAddresses.join(' '),
    ssh_port: posture.ssh.port,
    access_files: accessFiles(posture.ssh).join(' '),
    front_port: plan.frontPort,
    old_ssh_port: oldPort,
    ssh_ports: [...new Set([posture.ssh.port, posture.backup.port, ...facts.sshPorts])].join(' '),
    backup_port: posture.backup.port,
    served_ports: servedPorts(posture).join(' '),
    firewall: posture.firewall.backend,
    firewalld_zone: zoneOf(facts),
    ufw_policies: ufwPolicies(facts, posture).join(' '),
    knock: posture.knock.engine,
    system: systemName(posture),
    open_seconds: posture.knock.openSeconds,
    packages: packagesOf(posture).join(' '),
    packages_seconds: PACKAGES_SECONDS,
    step_seconds: stepSeconds(posture),
    rollback_seconds: posture.verify.rollbackSeconds,
    new_host_keys: plan.newHostKeys === undefined ? 'no' : 'yes',
    host_key_generation: posture.ssh.hostKeyGeneration,
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Everything the host needs for the change, as one bundle. Secret. */
export function planBundle(plan: Plan): Buffer {
  const { posture, facts } = plan;
  const home = plan.facts.home(posture.admin.user) ?? `/home/${posture.admin.user}`;
  const files = {
    ...payloadFiles(posture, plan.sequences),
    sshd_drop_in: systemOf(posture).content(DROP_IN, sshdDropIn(plan.settings)),
    backup_sshd_config: backupSshdConfig(posture, plan.deployer, facts.known),
    ...(asksForCode(posture) && plan.totp !== undefined
      ? { pam_sshd: pamLines(posture), totp: totpFile(plan.totp) }
      : {}),
    ...hostKeyFiles(plan.newHostKeys),
    ...(plan.banExempt.length === 0 ? {} : { spared: `${plan.banExempt.join('\n')}\n` }),
  };
  return bundle([
    ...agentFiles(),
    payload('plan', planText(plan)),
    payload('touch', `${touchedPaths(home, posture, zoneOf(plan.facts)).join('\n')}\n`),
    payload('units', `${touchedUnits(posture).join('\n')}\n`),
    payload('plain.files', plainFileList(posture, plan.sequences)),
    ...Object.entries(files).map(([name, content]) => payload(`files/${name}`, content)),
  ]);
}

/** The host's own names of its keys; without comments, which the host adds. */
function hostKeyFiles(keys: NewHostKeys | undefined): Record<string, string> {
  if (keys === undefined) return {};
  const [ed25519 = '', rsa = ''] = keys.publicKeys;
  return {
    ssh_host_ed25519_key: keys.ed25519,
    'ssh_host_ed25519_key.pub': ed25519,
    ssh_host_rsa_key: keys.rsa,
    'ssh_host_rsa_key.pub': rsa,
  };
}

/** firewalld's zone of the interface that the world comes in by. */
function zoneOf({ raw }: Facts): string {
  return raw.get('firewalld_zone')?.[0] ?? DEFAULT_ZONE;
}

function payload(name: string, content: string): BundleFile {
  return { path: `payload/${name}`, content };
}
