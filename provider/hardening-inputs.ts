import { z } from 'zod';
import { judgePosture } from '../posture/judge.ts';
import { type Problem, problemsOf } from '../posture/problem.ts';
import { Identity } from '../posture/schema/identity.ts';
import { Posture } from '../posture/schema/posture.ts';
import { ExistingTarget } from '../posture/schema/target.ts';
import { Address, Port, UserName } from '../posture/schema/text.ts';
import { asksForCode, TOTP_SECRET } from '../posture/sshd/second-factor.ts';
import { type Bag, hasUnknown, unwrap } from './values.ts';

const Knock = z.strictObject({ port: Port, protocol: z.enum(['tcp', 'udp']) });

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
    open: z.array(Knock).min(3).max(32),
    close: z.array(Knock).min(3).max(32).nullable(),
  }),
  /** Secret: what the codes of the second factor are made from, where the posture asks for one. */
  totp: z.string().regex(TOTP_SECRET, 'is not a secret for codes').optional(),
  /** For reviewers: the firewall's rules in its own words, rendered from the posture. */
  rules: z.array(z.string()),
  /** For reviewers: what the host's files will hold, by path, without the secret ones. */
  files: z.record(z.string(), z.string()),
  /** For reviewers: who can reach what. */
  exposure: z.array(z.string()),
  /** Digest of the programs that Postern leaves on the host; filled in by the plugin. */
  programs: z.string().optional(),
});

/** Inputs of `Hardening`, unwrapped and checked. */
export type HardeningInputs = z.infer<typeof HardeningInputs>;

/** What is wrong with the inputs; parts that are not known yet are not judged. */
export function judgeInputs(news: Bag): Problem[] {
  const plain = unwrap(news) as Bag;
  if (!hasUnknown(plain)) {
    const parsed = HardeningInputs.safeParse(plain);
    return parsed.success
      ? [...under('posture', judgePosture(parsed.data.posture)), ...judgeFactor(parsed.data)]
      : problemsOf(parsed.error);
  }
  if (hasUnknown(plain['posture'])) return [];
  const posture = Posture.safeParse(plain['posture']);
  return posture.success
    ? under('posture', judgePosture(posture.data))
    : problemsOf(posture.error, ['posture']);
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

function under(prefix: string, problems: readonly Problem[]): Problem[] {
  return problems.map(({ property, reason }) => ({ property: `${prefix}.${property}`, reason }));
}
