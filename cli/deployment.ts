import { evidenceOf, type SealedOutput } from '../components/sealed-output.ts';
import { exposureOf } from '../posture/exposure.ts';
import type { Posture } from '../posture/schema/posture.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';

/** How the engine's exported state marks a secret whose plain text it shows (Pulumi's sdk/go/common/resource/sig). */
const SIGNATURE = '4dabf18193072939515e22adb298388d';

type Bag = Record<string, unknown>;

interface Resource {
  readonly type: string;
  readonly urn?: string;
  readonly inputs?: Bag;
  readonly outputs?: Bag;
}

/** What the engine's state says of a hardened host. */
interface Hardened {
  readonly posture: Posture;
  readonly way: { readonly address: string; readonly addressV6?: string };
  readonly sequences: { readonly open: unknown; readonly close: unknown };
  readonly totp?: unknown;
  /** How it is reached as the last `up` knew it, whether or not that changed the host. */
  readonly jump: Bag | null;
  readonly sealed: SealedOutput;
}

/**
 * The outputs `hosts` and `knock` of an exported state, and `totp`, what the codes of second factors are made from. Where the last `up` failed on one host the engine keeps the
 * stack's old outputs, though other hosts were changed: so each host is overlaid with what its own resource remembers.
 */
export function outputsOf(exported: unknown): Bag {
  const resources = resourcesOf(exported);
  const outputs = plain(resources.find(({ type }) => type === 'pulumi:pulumi:Stack')?.outputs ?? {}) as Bag;
  const hardened = resources
    .filter(({ type }) => type === 'postern:index:Hardening')
    .map(hardenedOf)
    .filter(({ sealed }) => sealed !== undefined);
  if (hardened.length === 0) return outputs;
  const listed = (outputs['hosts'] ?? []) as Bag[];
  const missing = hardened.filter(({ posture }) => !listed.some((host) => host['name'] === posture.host));
  const all = [...listed, ...missing.map(({ posture }) => unlisted(posture, resources))];
  const hosts = all.map((host) => ({ ...host, ...overlayOf(host, hardened) }));
  const knock = { ...(outputs['knock'] as Bag | undefined) };
  const totp: Bag = {};
  for (const { posture, sequences, totp: shared } of hardened) {
    if (asksForCode(posture)) totp[posture.host] = shared;
    const openSeconds = posture.knock.door === 'timed' ? posture.knock.openSeconds : null;
    knock[posture.host] = { open: sequences.open, close: sequences.close, openSeconds };
  }
  return { ...outputs, hosts, knock, totp };
}

function hardenedOf({ inputs, outputs }: Resource): Hardened {
  const { way, jumpIdentity: identity } = plain(inputs ?? {}) as {
    way?: { jump?: Bag };
    jumpIdentity?: unknown;
  };
  const jump =
    way?.jump === undefined ? null : { ...way.jump, ...(identity === undefined ? {} : { identity }) };
  return { ...(plain(outputs ?? {}) as unknown as Hardened), jump };
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
  const { posture, way, sealed, jump } = found;
  return {
    address: way.address,
    addressV6: way.addressV6 ?? null,
    jump,
    user: posture.admin.user,
    sshPort: posture.ssh.port,
    backupPort: posture.backup.port,
    hostKeys: sealed.hostKeys,
    sealedAt: sealed.sealedAt,
    exposure: exposureOf(posture),
    evidence: evidenceOf(sealed),
  };
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
