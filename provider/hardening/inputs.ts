import { z } from 'zod';
import { engineOf } from '../../posture/knock/engines.ts';
import { Identity } from '../../posture/schema/identity.ts';
import { Posture } from '../../posture/schema/posture.ts';
import { HostKey } from '../../posture/schema/public-key.ts';
import { ExistingTarget } from '../../posture/schema/target.ts';
import { Address, Port, SpaKey, UserName } from '../../posture/schema/text.ts';
import { asksForCode, TOTP_SECRET } from '../../posture/sshd/second-factor.ts';
import { validatePosture } from '../../posture/validate/posture.ts';
import { type Problem, problemsOf } from '../../posture/validate/problem.ts';
import { hasUnknown, type PropertyMap, unwrap } from '../resource/values.ts';

const Knocks = z
  .array(z.strictObject({ port: Port, protocol: z.enum(['tcp', 'udp']) }))
  .min(3)
  .max(32);

/** One packet of fwknop's, by what it is made with. */
const SinglePacket = z
  .array(
    z.strictObject({
      port: Port,
      protocol: z.literal('udp'),
      spa: z.strictObject({ key: SpaKey, hmacKey: SpaKey }),
    }),
  )
  .length(1);

const Knocking = z.union([Knocks, SinglePacket], { error: 'is neither a sequence nor a single packet' });

/** Inputs of `Hardening`: a host's whole posture, how it is reached, and the secret sequences. */
export const HardeningInputs = z.strictObject({
  /** What the host should be. */
  posture: Posture,
  /** Where it is, and how it is entered before Postern ever changed it. */
  way: z.strictObject({
    address: Address,
    addressV6: Address.optional(),
    port: Port,
    user: UserName,
    hostKeys: z.array(z.string()).min(1),
    jump: ExistingTarget.shape.jump.unwrap().omit({ identity: true }).optional(),
  }),
  /** How the deployer logs in; absent: the user's agent and default keys. */
  identity: Identity.optional(),
  /** The same for the jump host. */
  jumpIdentity: Identity.optional(),
  /** Secret: what opens and closes the door. */
  sequences: z.strictObject({
    open: Knocking,
    close: Knocking.nullable(),
  }),
  /** Secret: what the codes of the second factor are made from, where the posture asks for one. */
  totp: z.string().regex(TOTP_SECRET, 'is not a secret for codes').optional(),
  /** Secret: the ways in that may be in force, as {@link CandidatesText}. Of those the ones that were never proven are tried. */
  candidates: z.string().optional(),
  /** Secret: host keys of the wanted generation, where it is not 0. */
  newHostKeys: z
    .strictObject({ publicKeys: z.array(HostKey).length(2), ed25519: z.string(), rsa: z.string() })
    .optional(),
  /** Host keys that the operator vouches for by hand. */
  acceptHostKeys: z.array(HostKey).optional(),
  /** For reviewers: the firewall's rules in its own words, rendered from the posture. */
  rules: z.array(z.string()),
  /** For reviewers: what the host's files will hold, by path, without the secret ones. */
  files: z.record(z.string(), z.string()),
  /** For reviewers: who can reach what. */
  exposure: z.array(z.string()),
  /** For reviewers: what becomes of the host when it is removed. */
  removal: z.string().optional(),
  /** Digest of the programs that Postern leaves on the host; filled in by the plugin. */
  programs: z.string().optional(),
});

/** Inputs of `Hardening`, unwrapped and checked. */
export type HardeningInputs = z.infer<typeof HardeningInputs>;

/** What is wrong with the inputs; parts that are not known yet are not judged. */
export function checkInputs(news: PropertyMap): Problem[] {
  const plain = unwrap(news) as PropertyMap;
  const known = judged(plain);
  if (!hasUnknown(known)) {
    const parsed = HardeningInputs.safeParse(known);
    return parsed.success
      ? [
          ...under('posture', validatePosture(parsed.data.posture)),
          ...judgeFactor(parsed.data),
          ...judgeHostKeys(parsed.data, plain),
          ...judgeKnocks(parsed.data),
        ]
      : problemsOf(parsed.error);
  }
  if (hasUnknown(plain['posture'])) return [];
  const posture = Posture.safeParse(plain['posture']);
  return posture.success
    ? under('posture', validatePosture(posture.data))
    : problemsOf(posture.error, ['posture']);
}

/** The inputs without what is only known once another resource was changed, and needs no judgement before that. */
function judged({ candidates: _candidates, newHostKeys: _newHostKeys, ...rest }: PropertyMap): PropertyMap {
  return rest;
}

function judgeFactor({ posture, totp }: HardeningInputs): Problem[] {
  if (!asksForCode(posture) || totp !== undefined) return [];
  return [
    {
      property: 'totp',
      reason: 'is missing, and posture.ssh.secondFactor asks for codes; nobody could log in',
    },
  ];
}

/** Keys that a host makes for itself nobody else would know, if this run were cut off. */
function judgeHostKeys({ posture }: HardeningInputs, { newHostKeys }: PropertyMap): Problem[] {
  if (posture.ssh.hostKeyGeneration === 0 || newHostKeys !== undefined) return [];
  const reason = 'is missing, and posture.ssh.hostKeyGeneration asks for new host keys';
  return [{ property: 'newHostKeys', reason }];
}

/** What opens the door has to be what the engine listens for. */
function judgeKnocks({ posture, sequences: { open, close } }: HardeningInputs): Problem[] {
  const single = engineOf(posture.knock.engine).secret === 'packet';
  const fits = [...open, ...(close ?? [])].every((knock) => 'spa' in knock === single);
  if (fits) return [];
  const reason = single
    ? `are sequences, and posture.knock.engine ${posture.knock.engine} takes single packets`
    : `are single packets, which posture.knock.engine ${posture.knock.engine} does not understand`;
  return [{ property: 'sequences', reason }];
}

function under(prefix: string, problems: readonly Problem[]): Problem[] {
  return problems.map(({ property, reason }) => ({ property: `${prefix}.${property}`, reason }));
}
