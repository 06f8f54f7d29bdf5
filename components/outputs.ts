import type * as pulumi from '@pulumi/pulumi';
import { all } from '@pulumi/pulumi/output.js';
import { type Exposure, exposureOf } from '../posture/exposure/exposure.ts';
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

/**
 * The stack output of one host: what was proven on it, not what a change wishes for that failed or left it out. Undefined
 * where nothing was.
 */
export function hostOutput({ host, hardening }: HardenedVps): pulumi.Output<HostOutput | undefined> {
  const { name, target } = host;
  const { way, sealed: outcome, posture: proven } = hardening;
  return all([way, outcome, proven]).apply(([{ address, addressV6 }, sealed, posture]) => {
    if (sealed === undefined) return undefined;
    return {
      ...{ name, target: target.type, network: posture.network },
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
    };
  });
}

/** What an authenticator app is enrolled with for one host; null where no code is asked for. Secret. */
export function secondFactorOutput({ host, hardening }: HardenedVps): pulumi.Output<[string, string | null]> {
  const { name } = host;
  return all([hardening.totp, hardening.posture]).apply(([totp, posture]): [string, string | null] => [
    name,
    asksForCode(posture) && totp !== undefined ? enrolment(name, posture.admin.user, totp) : null,
  ]);
}

/** The secret stack output of one host: as with the one above, what was proven. */
export function knockOutput({
  host,
  hardening,
}: HardenedVps): pulumi.Output<[string, KnockOutput] | undefined> {
  return all([hardening.sequences, hardening.posture, hardening.sealed]).apply(
    ([sequences, posture, sealed]): [string, KnockOutput] | undefined => {
      // The sequences are known before the host has ever heard of them.
      if (sealed === undefined) return undefined;
      const { open, close } = sequences;
      const { door, openSeconds } = posture.knock;
      return [host.name, { open, close, openSeconds: door === 'timed' ? openSeconds : null }];
    },
  );
}
