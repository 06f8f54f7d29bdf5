import { randomInt } from 'node:crypto';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { EngineName } from '../../posture/knock/engine.ts';
import { singleOptions } from '../../posture/knock/engines.ts';
import { makeSequences } from '../../posture/knock/make.ts';
import type { Sequences } from '../../posture/knock/sequence.ts';
import { readStack } from '../../posture/read-stack.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { makeHostKeys } from '../../provider/host-keys/host-keys.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job, NewHostKeys, Previous } from '../../transaction/job.ts';
import type { Sealed } from '../../transaction/sealed.ts';
import { clientIdentity, freshVps } from '../lab/fixture.ts';

/** Sections of a stack's configuration, as an operator writes them. */
export type Sections = Record<string, unknown>;

/**
 * The posture of a host named like the VPS, on devnet, with the fixture's key. Tests have programs that listen where they
 * want to see silence.
 */
export async function postureFor(vps: LabVps, sections: Sections = {}): Promise<Posture> {
  const { publicKey } = await clientIdentity();
  const raw = {
    network: 'devnet',
    hosts: [{ name: vps.name }],
    admin: { authorizedKeys: [publicKey] },
    ...sections,
    firewall: { unlisted: 'close', ...(sections['firewall'] as Sections | undefined) },
  };
  const host = readStack(raw, 'test', () => '').hosts[0];
  if (host === undefined) throw new Error('no host');
  return host.posture;
}

/** Fresh sequences, as the plugin generates them; single packets' keys for fwknop. */
export function freshSequences(engine: EngineName = 'knockd'): Sequences {
  return makeSequences({ knocks: 4, close: true, avoid: [], spa: singleOptions({ engine }) }, (below) =>
    randomInt(below),
  );
}

let hostKeys: Promise<NewHostKeys> | undefined;

/** Host keys as the plugin makes them; the same for all hosts of a test file, because they take seconds. */
export function freshHostKeys(): Promise<NewHostKeys> {
  hostKeys ??= makeHostKeys();
  return hostKeys;
}

/** A change of a lab VPS, the first one unless `previous` is given. */
export async function jobFor(vps: LabVps, sections: Sections = {}, previous?: Previous): Promise<Job> {
  const { address, addressV6, port, user, hostKeys } = vps;
  const { file } = await clientIdentity();
  const posture = await postureFor(vps, sections);
  // Where nobody knocks, so that a proof fails. A daemon waits half a minute for an interface without an address.
  if (posture.knock.interface === 'lo') await inside(vps, 'ip address replace 192.0.2.1/32 dev lo');
  return {
    ...(posture.ssh.hostKeyGeneration === 0 ? {} : { newHostKeys: await freshHostKeys() }),
    posture,
    sequences: freshSequences(posture.knock.engine),
    initialAccess: { address, addressV6, port, user, hostKeys },
    identity: { file },
    previous,
  };
}

/** What the engine would remember of a sealed host. */
export function remembered(job: Job, sealed: Sealed): Previous {
  return {
    posture: job.posture,
    sequences: job.sequences,
    totp: job.totp,
    hostKeys: sealed.hostKeys,
    verifiedV6: sealed.verifiedV6,
  };
}

/** Hardens and collects what was reported. */
export async function hardened(job: Job, onReport?: (text: string) => void): Promise<Sealed> {
  return harden(job, (text) => onReport?.(text));
}

/** A fresh VPS that is sealed, and the change that did it. */
export async function sealedVps(sections: Sections = {}): Promise<{ vps: LabVps; job: Job }> {
  const vps = await freshVps();
  const job = await jobFor(vps, sections);
  await hardened(job);
  return { vps, job };
}

/**
 * Ends what looks after a sealed host's door, ahead of a command that breaks it: within seconds it would be whole again. Both
 * at once, as each starts the other; the next start of sshd or of the knock daemon brings them back.
 */
export const UNGUARDED = 'systemctl stop postern-guard.timer postern-guard.service;';

/** Runs a shell command inside a host, without ssh; throws when it fails. */
export async function inside(vps: LabVps, command: string, timeoutSeconds = 60): Promise<string> {
  const { code, stdout, stderr } = await execVps(vps, ['sh', '-c', command], { timeoutSeconds });
  if (code !== 0) throw new Error(`${command}: exit status ${code}: ${stderr}`);
  return stdout;
}
