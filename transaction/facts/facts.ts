import type { SshdKnowledge } from '../../posture/sshd/algorithms.ts';
import type { SealedBy } from '../drift/unknown-change.ts';
import { type RawFacts, readFactLines } from './fact-lines.ts';

/** What a host may be asked: to take on a posture, or to be again what it was before its first change. */
export type Operation = 'harden' | 'restore';

/** State of a systemd unit: load state, enablement, activity, as `systemctl show` prints them. */
export interface UnitFacts {
  readonly load: string;
  readonly enabled: string;
  readonly active: string;
}

/** The last change that Postern made or tried on the host. */
export interface HostRecord {
  readonly id: string;
  readonly phase: string;
  /** What the host was asked; records of an earlier Postern do not say, and were of hardenings. */
  readonly operation: Operation;
  readonly holder: string;
  readonly reason: string;
  readonly sealedAt: string;
  /** Names of the steps of a rollback that could not be done; empty when all could. */
  readonly errors: string;
  /** Folders that can't be written, so that a rollback is in force in memory only; empty when there are none. */
  readonly waitsFor: string;
  /** Seconds until the host undoes an armed change by itself; 0 or less when that is due. */
  readonly secondsLeft: number;
}

/** The facts that the transaction decides by. */
export interface Facts {
  readonly raw: RawFacts;
  readonly os: string;
  readonly version: string;
  /** The address that this session comes from, as the host sees it. */
  readonly deployerAddress: string;
  /** The port of the host that this session came through. */
  readonly serverPort: number;
  readonly sshPorts: readonly number[];
  readonly known: SshdKnowledge;
  /** Public host keys, `type base64`. */
  readonly hostKeys: readonly string[];
  /** The host's own addresses of global scope, both families. */
  readonly addresses: readonly string[];
  readonly record: HostRecord | undefined;
  /** The change that the host was last sealed with; undefined: it is not sealed. */
  readonly sealedBy: SealedBy | undefined;
  unit(name: string): UnitFacts;
  /** Home folder of a user, or nothing when there is no such user. */
  home(user: string): string | undefined;
  /** Login shell of a user, or nothing when there is no such user. */
  shell(user: string): string | undefined;
}

/** Ports that an sshd may listen on to be hardened: each of them is looked at from outside. */
const SSH_PORTS = 64;

/**
 * Reads the `key=value` lines of facts.sh.
 *
 * @throws Error when there are more of them than any host has.
 */
export function parseFacts(text: string): Facts {
  const raw = readFactLines(text);
  const one = (key: string) => raw.get(key)?.[0] ?? '';
  const words = (key: string) => one(key).split(' ').filter(Boolean);
  const connection = words('connection');
  const account = (user: string) =>
    raw
      .get('account')
      ?.map((line) => line.split(':'))
      .find(([name]) => name === user);
  return {
    raw,
    os: one('os'),
    version: one('version'),
    deployerAddress: connection[0] ?? '',
    serverPort: Number(connection[3] ?? 0),
    sshPorts: sshPortsOf(raw),
    known: {
      kex: words('knows_kex'),
      ciphers: words('knows_cipher'),
      macs: words('knows_mac'),
      signatures: words('knows_HostKeyAlgorithms'),
      // OpenSSH 10.4 and later print them in mixed case.
      directives: words('sshd_directives').map((directive) => directive.toLowerCase()),
    },
    hostKeys: raw.get('host_key') ?? [],
    addresses: raw.get('address') ?? [],
    record: recordOf(one),
    sealedBy: raw.has('sealed') ? sealedByOf(raw) : undefined,
    unit: (name) => {
      const states = new Map(words(`unit_${name}`).map((word) => [word.split('=')[0], word.split('=')[1]]));
      return {
        load: states.get('LoadState') ?? '',
        enabled: states.get('UnitFileState') ?? '',
        active: states.get('ActiveState') ?? '',
      };
    },
    home: (user) => account(user)?.[1],
    shell: (user) => account(user)?.[2],
  };
}

/** Where systemd listens for sshd, its socket's ports count, not those of sshd's files. */
function sshPortsOf(raw: RawFacts): number[] {
  const said = (raw.get('sshd_socket_port') ?? raw.get('sshd_port') ?? []).map(Number);
  const ports = [...new Set(said)].filter((port) => Number.isInteger(port) && port > 0 && port <= 65_535);
  if (ports.length > SSH_PORTS)
    throw new Error(
      `sshd listens on ${ports.length} ports there, and Postern looks at ${SSH_PORTS} at most; take some of them away`,
    );
  return ports.sort((left, right) => left - right);
}

/** The firewall that Postern last sealed the host with; undefined where it did not. */
export function sealedFirewall(raw: RawFacts): string | undefined {
  return raw.get('sealed_firewall')?.[0];
}

/** Ids of changes are random UUIDs; nothing else is compared with one, or quoted as one. */
const CHANGE_ID = /^[0-9a-f-]{1,64}$/;

/** By which change the host was last sealed. */
export function sealedByOf(raw: RawFacts): SealedBy {
  const one = (key: string) => raw.get(key)?.[0] ?? '';
  const id = CHANGE_ID.test(one('sealed_id')) ? one('sealed_id') : '';
  const own = one('record_id') === one('sealed_id');
  const told = own ? one('record_sealed_at') : '';
  const at = told || (own ? one('record_committed_at') : '') || one('sealed_at');
  return { id, holder: one('sealed_holder'), at, exact: told !== '' };
}

function recordOf(one: (key: string) => string): HostRecord | undefined {
  if (one('boot') === '') return undefined;
  const sameBoot = one('record_boot') === one('boot');
  return {
    id: one('record_id'),
    phase: one('record_phase'),
    operation: one('record_operation') === 'restore' ? 'restore' : 'harden',
    holder: one('record_holder'),
    reason: one('record_reason'),
    sealedAt: one('record_sealed_at'),
    errors: one('held_errors') || one('record_errors'),
    waitsFor: one('held_waits'),
    secondsLeft: sameBoot ? Number(one('deadline')) - Number(one('uptime')) : 0,
  };
}
