import { z } from 'zod';
import { InterfaceName } from './text.ts';

/** A user's own knock may use any port from 1024 up; below are the well-known services. */
const KnockPort = z
  .int('must be a whole number from 1024 to 65535')
  .min(1024, 'must be from 1024 to 65535')
  .max(65_535, 'must be from 1024 to 65535');

/** Values that Pulumi decrypts are text: a port set with `--secret` arrives as `"12345"`. */
const SecretPort = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value),
  KnockPort,
);

/** One knock of a user's own sequence. */
const KnockItem = z.strictObject({
  port: SecretPort.describe('Port that is knocked on, 1024–65535.'),
  protocol: z.enum(['tcp', 'udp']).default('tcp').describe('`tcp` (a SYN) or `udp` (an empty datagram).'),
});

const KnockList = z
  .array(KnockItem)
  .min(3, 'must have at least three knocks')
  .max(32, 'must have at most 32 knocks, the most knockd takes');

const NOTATION = 'must be a list of {port, protocol}, or text in the notation port:protocol,port:protocol,…';

/** knockd's notation, so that a whole sequence is one secret value. */
const KnockText = z
  .string()
  .regex(/^\d{1,5}(:(tcp|udp))?(,\d{1,5}(:(tcp|udp))?)*$/, NOTATION)
  .transform((text) => text.split(',').map(parseKnock))
  .pipe(KnockList)
  .meta({ title: 'text' });

/** A user's own sequence. */
export const SequenceList = z.union([KnockText, KnockList], { error: NOTATION });

function parseKnock(text: string): z.input<typeof KnockItem> {
  const [port, protocol] = text.split(':');
  return { port, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
}

/** Keys of the section `knock`. */
export const knockFields = {
  engine: z
    .enum(['knockd', 'kernel', 'fwknop'])
    .describe(
      'What listens for knocks: `knockd`, the daemon that the distribution packages, `kernel`, the firewall’s own rules without a daemon, or `fwknop`, a daemon that takes one signed packet which nobody can send again (IPv4 only; needs the package fwknop-client here). docs/knocking.md compares them.',
    ),
  door: z
    .enum(['timed', 'held'])
    .describe(
      '`timed`: the kernel closes the door `openSeconds` after the knock, whatever becomes of the daemon. `held`: it stays open for the knocker until the closing sequence, as in the guides.',
    ),
  openSeconds: z
    .int()
    .min(5, 'must be at least 5 seconds')
    .max(3600, 'must be at most 3600 seconds')
    .describe('Seconds for which a timed door lets new connections in. Connections made by then go on.'),
  knocks: z
    .int()
    .min(3, 'must be at least 3')
    .max(32, 'must be at most 32, the most knockd takes')
    .describe('Knocks in a generated sequence. `fwknop` sends one packet.'),
  spaPort: KnockPort.optional().describe(
    'UDP port that `fwknop` hears its packets on, such as 62201, its usual one; by default a random one, which is secret. Nothing is opened for it: the host drops what arrives there.',
  ),
  timeoutSeconds: z
    .int()
    .min(1, 'must be at least 1 second')
    .max(120, 'must be at most 120 seconds')
    .describe(
      'Seconds within which all knocks have to arrive (knockd’s seq_timeout). 15 leaves time to knock by hand.',
    ),
  generation: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe(
      'Raise by one to have new sequences, or keys, generated. The old ones work until the new ones are proven, then open nothing.',
    ),
  interface: InterfaceName.optional().describe(
    'Interface that knocks arrive on; by default, for `knockd` and `fwknop`, that of the default route, looked up whenever it starts, and for `kernel` any but the loopback.',
  ),
  sequence: z
    .strictObject({
      open: SequenceList.describe(
        'Knocks that open the door, 3–32: a list of {port, protocol} or one text `port:protocol,port:protocol,…`.',
      ),
      close: SequenceList.nullable()
        .default(null)
        .describe('Knocks that close it, in the same shape. A timed door does without.'),
    })
    .optional()
    .describe(
      'Your own sequences instead of generated ones. Secret: set it with `pulumi config set --secret --path`.',
    ),
  acceptWeak: z
    .boolean()
    .describe('Accept a monotonic sequence of your own, which a single port sweep opens.'),
};

/** The section `knock`: what opens the front door. */
export const KnockSection = z.strictObject(knockFields).partial();

/** `knock` with every default filled in. */
export type KnockSettings = z.infer<z.ZodObject<typeof knockFields>>;

/** What an absent key of `knock` means. */
export const knockDefaults: KnockSettings = {
  engine: 'knockd',
  door: 'timed',
  openSeconds: 30,
  knocks: 4,
  timeoutSeconds: 15,
  generation: 0,
  acceptWeak: false,
};
