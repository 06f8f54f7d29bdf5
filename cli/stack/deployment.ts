import { evidenceOf, type SealedOutput, unverifiedOf } from '../../components/sealed-output.ts';
import { type Candidate, candidatesOf, unproven } from '../../posture/candidates.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import { reviewFiles } from '../../posture/host-files.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { DROP_IN } from '../../posture/sshd/conflicts.ts';
import { asksForCode } from '../../posture/sshd/second-factor.ts';
import {
  describeMark,
  isStale,
  type OperationMark,
  type StateOfHost,
} from '../../transaction/record/operation-mark.ts';

/** How the engine's exported state marks a secret whose plain text it shows (Pulumi's sdk/go/common/resource/sig). */
const SIGNATURE = '4dabf18193072939515e22adb298388d';

type Bag = Record<string, unknown>;

interface Resource {
  readonly type: string;
  readonly urn?: string;
  readonly inputs?: Bag;
  readonly outputs?: Bag;
}

/** An operation of the engine that it has not seen end. */
interface Pending {
  readonly type: string;
  readonly resource: { readonly urn: string };
}

/** What the engine's state says of a hardened host. */
interface Hardened {
  readonly posture: Posture;
  /** What its files hold, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly way: { readonly address: string; readonly addressV6?: string; readonly port?: number };
  readonly sequences: { readonly open: unknown; readonly close: unknown };
  readonly totp?: unknown;
  /** How it is reached as the last `up` knew it, whether or not that changed the host. */
  readonly jump: Bag | null;
  readonly interrupted: string | null;
  readonly sealed: SealedOutput;
}

/**
 * The outputs `hosts` and `knock` of an exported state, `totp`, what the codes of second factors are made from, and
 * `candidates`, the ways into each host that may be in force although they were never proven. Where the last `up` failed on one host the engine keeps the
 * stack's old outputs, though other hosts were changed: so each host is overlaid with what its own resource remembers.
 *
 * @param marks of this machine's operations; with what the engine itself has not seen end, they say what was interrupted.
 */
export function outputsOf(exported: unknown, marks: readonly OperationMark[] = []): Bag {
  const resources = resourcesOf(exported);
  const outputs = told(
    plain(resources.find(({ type }) => type === 'pulumi:pulumi:Stack')?.outputs ?? {}) as Bag,
  );
  const hardened = resources
    .filter(isHardening)
    .map((resource) => hardenedOf(resource, interruptionOf(resource, marks, pendingOf(exported))))
    .filter(({ sealed }) => sealed !== undefined);
  if (hardened.length === 0) return outputs;
  // The outputs may be older than the state: what has no resource any more is no host.
  const listed = ((outputs['hosts'] ?? []) as Bag[]).filter(({ name }) =>
    hardened.some(({ posture }) => posture.host === name),
  );
  const missing = hardened.filter(({ posture }) => !listed.some((host) => host['name'] === posture.host));
  const all = [...listed, ...missing.map(({ posture }) => unlisted(posture, resources))];
  const hosts = all.map((host) => ({ ...host, ...overlayOf(host, hardened) }));
  const knock: Bag = {};
  const totp: Bag = {};
  const candidates: Bag = {};
  for (const { posture, sequences, totp: shared, sealed } of hardened) {
    candidates[posture.host] = unproven(knownOf(posture.host, resources), sealed.candidate);
    if (asksForCode(posture)) totp[posture.host] = shared;
    const openSeconds = posture.knock.door === 'timed' ? posture.knock.openSeconds : null;
    knock[posture.host] = { open: sequences.open, close: sequences.close, openSeconds };
  }
  return { ...outputs, hosts, knock, totp, candidates };
}

/** The outputs that hold something: where a run went on after a failure, the engine has a mark instead of some. */
function told(outputs: Bag): Bag {
  return Object.fromEntries(
    Object.entries(outputs).filter(([, value]) => typeof value === 'object' && value !== null),
  );
}

/** The ways in that were written down for a host. */
function knownOf(host: string, resources: readonly Resource[]): readonly Candidate[] {
  const all = resources.filter(({ type }) => type === 'postern:index:Candidates');
  const outputs = all.map((each) => plain(each.outputs ?? {}) as { host?: string; known?: string });
  return candidatesOf(outputs.find((each) => each.host === host)?.known);
}

/** What an exported state says of each hardened host, by the URN of its resource. */
export function statesOfHosts(exported: unknown): Map<string, StateOfHost> {
  const hardened = resourcesOf(exported).filter(isHardening);
  return new Map(
    hardened.map(({ urn, outputs }) => [urn ?? '', stateOf(plain(outputs ?? {}) as Partial<Hardened>)]),
  );
}

function isHardening({ type }: Resource): boolean {
  return type === 'postern:index:Hardening';
}

function stateOf({ way, sealed }: Partial<Hardened>): StateOfHost {
  return { address: way?.address ?? '', sealedAt: sealed?.sealedAt ?? '', change: sealed?.change };
}

/** Why the host may not be what the state says, as a sentence; null: nothing says so. */
function interruptionOf(
  resource: Resource,
  marks: readonly OperationMark[],
  pending: ReadonlyMap<string, string>,
): string | null {
  const known = plain(resource.outputs ?? {}) as Partial<Hardened>;
  const mark = marks.find(({ urn }) => urn === resource.urn);
  const host = known.posture?.host ?? '';
  if (isStale(stateOf(known), mark)) return describeMark(mark, host);
  const doing = pending.get(resource.urn ?? '');
  if (doing === undefined) return null;
  return `the engine was interrupted while ${doing} ${host}. The host may not be what the state says`;
}

/** What the engine had begun and not ended when it was last heard of: by URN, as it calls it (`deleting`). */
function pendingOf(exported: unknown): Map<string, string> {
  const { deployment } = (exported ?? {}) as { deployment?: { pending_operations?: Pending[] } };
  return new Map(deployment?.pending_operations?.map(({ resource, type }) => [resource.urn, type]));
}

function hardenedOf({ inputs, outputs }: Resource, interrupted: string | null): Hardened {
  const { way, jumpIdentity: identity } = plain(inputs ?? {}) as {
    way?: { jump?: Bag };
    jumpIdentity?: unknown;
  };
  const jump =
    way?.jump === undefined ? null : { ...way.jump, ...(identity === undefined ? {} : { identity }) };
  return { ...(plain(outputs ?? {}) as unknown as Hardened), jump, interrupted };
}

/** What the outputs would say of a host that they do not have yet, because the first `up` failed on another one. */
function unlisted({ host, network, firewall, knock }: Posture, resources: readonly Resource[]): Bag {
  const made = (type: string) =>
    resources.some(({ type: other, urn }) => other === type && urn?.endsWith(`::${host}`) === true);
  const target = made('postern:index:LabVps')
    ? 'lab'
    : made('digitalocean:index/droplet:Droplet')
      ? 'digitalocean'
      : 'existing';
  return { name: host, target, network, firewall: firewall.backend, knockEngine: knock.engine };
}

function overlayOf(host: Bag, hardened: readonly Hardened[]): Bag {
  const found = hardened.find(({ posture }) => posture.host === host['name']);
  if (found === undefined) return {};
  const { posture, way, sealed, jump, interrupted } = found;
  return {
    address: way.address,
    addressV6: way.addressV6 ?? null,
    jump,
    interrupted,
    firstPort: way.port ?? null,
    user: posture.admin.user,
    adminKeys: posture.admin.authorizedKeys,
    posture: isSshdAsRendered(found) ? posture : undefined,
    sshPort: posture.ssh.port,
    backupPort: posture.backup.port,
    hostKeys: sealed.hostKeys,
    sealedAt: sealed.sealedAt,
    exposure: exposureOf(posture),
    evidence: evidenceOf(sealed),
    unverified: unverifiedOf(sealed, way.addressV6),
  };
}

/** Whether this version would give the host the same sshd: by another one's, nobody can tell what is amiss there. */
function isSshdAsRendered({ posture, files }: Hardened): boolean {
  if (files === undefined) return false;
  try {
    return reviewFiles(posture)[DROP_IN] === files[DROP_IN];
  } catch {
    // Of a version whose postures have less.
    return false;
  }
}

function resourcesOf(exported: unknown): Resource[] {
  const { deployment } = (exported ?? {}) as { deployment?: { resources?: Resource[] } };
  return deployment?.resources ?? [];
}

/** The value with its secrets in plain text; they stay in this process's memory. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const bag = value as Bag;
  if (SIGNATURE in bag && typeof bag['plaintext'] === 'string') return plain(JSON.parse(bag['plaintext']));
  return Object.fromEntries(Object.entries(bag).map(([key, member]) => [key, plain(member)]));
}
