import { z } from 'zod';
import type { HostOutput, KnockOutput } from '../../components/outputs.ts';
import { CandidateList } from '../../posture/schema/candidates.ts';
import { Identity } from '../../posture/schema/identity.ts';
import { Posture } from '../../posture/schema/posture.ts';
import { PublicKey } from '../../posture/schema/public-key.ts';
import { HostName, Port, SpaKey, UserName } from '../../posture/schema/text.ts';
import { TOTP_SECRET } from '../../posture/sshd/second-factor.ts';
import { problemsOf } from '../../posture/validate/problem.ts';
import { isAddress } from '../../remote/address.ts';
import { checkHostKey } from '../../remote/ssh/host-keys.ts';
import type { Hop } from '../../remote/ssh/target.ts';
import { CommandError } from '../command-line/exit.ts';

const Address = z.string().refine(isAddress, 'is neither an IP address nor a DNS name');
const HostKey = z.string().refine((key) => checkHostKey(key) === undefined, 'is not a usable host key');
const SpaKeys = z.object({ key: SpaKey, hmacKey: SpaKey });
const Sequence = z
  .array(z.object({ port: Port, protocol: z.enum(['tcp', 'udp']), spa: SpaKeys.optional() }))
  .min(1);

const Access = z.union([
  z.object({ to: z.literal('anywhere') }),
  z.object({ to: z.literal('networks'), networks: z.array(z.string()) }),
  z.object({ to: z.literal('knocker'), seconds: z.number().nullable() }),
  z.object({ to: z.enum(['deployer', 'link', 'unknown']) }),
]);

/** A host of a stack: what its output tells, and the jump host that it is reached through. */
export interface FleetHost extends HostOutput {
  /** Null: none. A private key in it is secret. */
  readonly jump: Hop | null;
  /** Why the host may not be what the state says, as a sentence; null: nothing says so. */
  readonly interrupted: string | null;
  /** Port of sshd before the first change: open again on a host that was restored or made anew. Null: not known. */
  readonly firstPort: number | null;
  /** Public keys of the administrator. */
  readonly adminKeys?: readonly string[] | undefined;
  /** What it was sealed with; absent: that is not known, or of another version. */
  readonly posture?: Posture | undefined;
}

/** The jump host, from the engine's state: the outputs do not tell of it. */
const Jump = z.object({
  address: Address,
  port: Port,
  user: UserName,
  hostKeys: z.array(HostKey).min(1),
  identity: Identity.optional(),
});

// Values of the outputs reach ssh's command line and its configuration, so they are checked like any other input.
const Host = z.object({
  name: HostName,
  target: z.enum(['lab', 'existing', 'digitalocean']),
  network: z.string(),
  address: Address,
  addressV6: Address.nullable(),
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,30}$/, 'is not a login name'),
  sshPort: Port,
  backupPort: Port,
  firewall: z.string(),
  knockEngine: z.string(),
  hostKeys: z.array(HostKey).min(1),
  sealedAt: z.iso.datetime({ offset: true }),
  exposure: z.array(
    z.object({
      family: z.enum(['ipv4', 'ipv6']),
      protocol: z.enum(['tcp', 'udp', 'icmp', 'any']),
      port: Port.nullable(),
      access: Access,
      purpose: z.string(),
    }),
  ),
  evidence: z.array(
    z.object({
      check: z.string(),
      family: z.string(),
      expected: z.string(),
      seen: z.string(),
      at: z.string(),
    }),
  ),
  unverified: z.array(z.string()).default([]),
  jump: Jump.nullable().default(null),
  interrupted: z.string().nullable().default(null),
  firstPort: Port.nullable().default(null),
  adminKeys: z.array(PublicKey).optional(),
  posture: Posture.optional().catch(undefined),
}) satisfies z.ZodType<FleetHost>;

const Knock = z.object({
  open: Sequence,
  close: Sequence.nullable(),
  openSeconds: z.number().nullable(),
}) satisfies z.ZodType<KnockOutput>;

const Outputs = z.object({
  hosts: z.array(Host).default([]),
  knock: z.record(z.string(), Knock).default({}),
  totp: z.record(z.string(), z.string().regex(TOTP_SECRET, 'is not a secret for codes')).default({}),
  candidates: z.record(z.string(), CandidateList).default({}),
});

/**
 * The outputs `hosts` and `knock` of a stack, and from its state what the codes of second factors are made from, and the ways
 * into each host that may be in force although they were never proven.
 */
export type Outputs = z.infer<typeof Outputs>;

/**
 * Checks a stack's outputs. A stack that was never brought up has none.
 *
 * @throws CommandError naming the properties that are not as they should be, never their values.
 */
export function readOutputs(stack: string, outputs: unknown): Outputs {
  const parsed = Outputs.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error).map(({ property, reason }) => `  ${property}: ${reason}`);
  throw new CommandError(
    `The outputs of stack ${stack} are not what this version reads:\n${problems.join('\n')}\nBring it up with this version: npm run up -- ${stack}`,
  );
}
