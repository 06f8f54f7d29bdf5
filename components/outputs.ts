import type * as pulumi from '@pulumi/pulumi';
import { all, output } from '@pulumi/pulumi/output.js';
import { type Exposure, exposureOf } from '../posture/exposure.ts';
import type { Sequence } from '../posture/knock/sequence.ts';
import { asksForCode, enrolment } from '../posture/sshd/second-factor.ts';
import type { HardenedVps } from './hardened-vps.ts';
import { type Evidence, evidenceOf, unverifiedOf } from './sealed-output.ts';

/** One host in the stack output `hosts`: a contract, without secrets. */
export interface HostOutput {
  readonly name: string;
  readonly target: 'lab' | 'existing' | 'digitalocean';
  readonly network: string;
  readonly address: string;
  readonly addressV6: string | null;
  readonly user: string;
  readonly sshPort: number;
  readonly backupPort: number;
  readonly firewall: string;
  readonly knockEngine: string;
  readonly hostKeys: readonly string[];
  readonly sealedAt: string;
  readonly exposure: readonly Exposure[];
  readonly evidence: readonly Evidence[];
  /** What was not looked at when the host was sealed, and why, as sentences. */
  readonly unverified: readonly string[];
}

/** What opens one host's door, in the secret stack output `knock`. */
export interface KnockOutput {
  readonly open: Sequence;
  readonly close: Sequence | null;
  /** Seconds for which a timed door lets in; null for a held one. */
  readonly openSeconds: number | null;
}

/** The stack output of one host. */
export function hostOutput({ host, way, hardening }: HardenedVps): pulumi.Output<HostOutput> {
  const { posture, target } = host;
  return all([way, hardening.sealed]).apply(([{ address, addressV6 }, sealed]) => ({
    name: host.name,
    target: target.type,
    network: posture.network,
    address: String(address),
    addressV6: addressV6 === undefined ? null : String(addressV6),
    user: posture.admin.user,
    sshPort: posture.ssh.port,
    backupPort: posture.backup.port,
    firewall: posture.firewall.backend,
    knockEngine: posture.knock.engine,
    hostKeys: sealed.hostKeys,
    sealedAt: sealed.sealedAt,
    exposure: exposureOf(posture),
    evidence: evidenceOf(sealed),
    unverified: unverifiedOf(sealed, addressV6),
  }));
}

/** What an authenticator app is enrolled with for one host; null where no code is asked for. Secret. */
export function secondFactorOutput({ host, hardening }: HardenedVps): pulumi.Output<[string, string | null]> {
  const { name, posture } = host;
  return output(hardening.totp).apply((totp): [string, string | null] => [
    name,
    asksForCode(posture) && totp !== undefined ? enrolment(name, posture.admin.user, totp) : null,
  ]);
}

/** The secret stack output of one host: the sequences that were proven on it, not those that a failed change wished for. */
export function knockOutput({ host, hardening }: HardenedVps): pulumi.Output<[string, KnockOutput]> {
  const { knock, name } = host;
  const openSeconds = knock.door === 'timed' ? knock.openSeconds : null;
  return hardening.sequences.apply(({ open, close }): [string, KnockOutput] => [
    name,
    { open, close, openSeconds },
  ]);
}
