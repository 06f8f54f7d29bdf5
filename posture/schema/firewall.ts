import { z } from 'zod';
import { Cidr, Port, Remark } from './text.ts';

const From = z
  .union(
    [
      z.literal('anywhere'),
      z.array(Cidr).min(1, 'must name at least one network; to close the port leave the rule out'),
    ],
    {
      error: 'must be `anywhere` or a list of networks such as [203.0.113.0/24]',
    },
  )
  .describe('Who may connect: `anywhere`, or a list of networks.');

/** One port that is open without a knock. */
export const Rule = z.strictObject({
  port: Port.describe('Port that is open.'),
  protocol: z.enum(['tcp', 'udp']).default('tcp').describe('`tcp` or `udp`.'),
  from: From.default('anywhere'),
  purpose: Remark.describe('What the port is for; written beside the rule on the host.'),
});

/** A port that is open without a knock, and to whom. */
export type Rule = z.infer<typeof Rule>;

/** Keys of the section `firewall`. */
export const firewallFields = {
  backend: z
    .enum(['ufw', 'firewalld', 'iptables', 'nftables'])
    .describe(
      'The firewall that Postern configures on the host; docs/firewall.md compares them. A sealed host may go from any to any.',
    ),
  p2p: z
    .strictObject({
      port: Port.optional().describe(
        'Peer-to-peer port; by default the network’s: mainnet 4001, devnet 4002, testnet 4000.',
      ),
      from: From.default('anywhere'),
    })
    .nullable()
    .describe('The node’s peer-to-peer port (TCP). `null` closes it.'),
  api: z
    .strictObject({
      port: Port.default(4003).describe('Port of the public API.'),
      from: From.default('anywhere'),
    })
    .nullable()
    .describe('The node’s public API (TCP). `null` closes it.'),
  rules: z.array(Rule).describe('Further ports that are open without a knock.'),
  icmpEcho: z
    .boolean()
    .describe('Answer ping (ICMP and ICMPv6 echo). Other ICMPv6, which IPv6 needs, is always let in.'),
  foreignRules: z
    .enum(['refuse', 'keep'])
    .describe(
      'What happens when the host has firewall rules that are not in this configuration: `refuse` stops before anything is changed and names them; `keep` leaves them in force.',
    ),
  unlisted: z
    .enum(['refuse', 'close'])
    .describe(
      'What happens when programs of a host that was not sealed yet listen on ports that are not in this configuration and can be reached now: `refuse` stops before anything is changed and names program and port; `close` closes the ports and says so.',
    ),
};

/** The section `firewall`: what is reachable without a knock. */
export const FirewallSection = z.strictObject(firewallFields).partial();

/** `firewall` with every default filled in. */
export type Firewall = z.infer<z.ZodObject<typeof firewallFields>>;

/** What an absent key of `firewall` means. */
export const firewallDefaults: Firewall = {
  backend: 'ufw',
  p2p: { from: 'anywhere' },
  api: { port: 4003, from: 'anywhere' },
  rules: [],
  icmpEcho: false,
  foreignRules: 'refuse',
  unlisted: 'refuse',
};
