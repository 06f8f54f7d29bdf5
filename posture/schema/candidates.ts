import { z } from 'zod';
import type { Candidate } from '../candidates.ts';
import { TOTP_SECRET } from '../sshd/second-factor.ts';
import { Identity } from './identity.ts';
import { HostKey } from './public-key.ts';
import { Port, SpaKey, UserName } from './text.ts';

const Sequence = z
  .array(
    z.strictObject({
      port: Port,
      protocol: z.enum(['tcp', 'udp']),
      spa: z.strictObject({ key: SpaKey, hmacKey: SpaKey }).optional(),
    }),
  )
  .min(1)
  .max(32);

const Wanted = {
  port: Port,
  user: UserName,
  open: Sequence,
  close: Sequence.nullable(),
  totp: z.string().regex(TOTP_SECRET).optional(),
  hostKeys: z.array(HostKey).optional(),
  identity: Identity.optional(),
};

/** A way in as it is wanted: text that holds JSON. Secret. */
export const WantedText = jsonText(z.strictObject(Wanted));

/** Ways in that were written down. Secret. */
export const CandidateList = z.array(
  z.strictObject({ id: z.string().regex(/^[a-z0-9]{1,32}$/), ...Wanted }),
) satisfies z.ZodType<Candidate[]>;

/** The same as text that holds JSON. */
export const CandidatesText = jsonText(CandidateList);

/** The text is read without a word about what it holds. */
function jsonText<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
