/**
 * Errors that a host sends to nobody. The kernel answers some packets before a firewall's rules for incoming ones see them:
 * bad options of IPv4, options hop by hop and jumbograms of IPv6, and the first fragment of a packet whose others never
 * come. So a host without a single open port would say that it is there. These errors are dropped on their way out
 * instead, whatever they answer. Nothing needs them: those that a connection needs are others (destination unreachable,
 * packet too big), and so are those that a router sends (time exceeded in transit).
 */
const MATCHES = {
  // Parameter problem; time exceeded while a packet was put together.
  4: ['-p icmp -m icmp --icmp-type 12', '-p icmp -m icmp --icmp-type 11/1'],
  6: ['-p ipv6-icmp -m icmp6 --icmpv6-type 4', '-p ipv6-icmp -m icmp6 --icmpv6-type 3/1'],
} as const;

/** The chain of iptables that OUTPUT jumps to first, behind every firewall that is made of iptables. */
export const OUTPUT_CHAIN = 'POSTERN-OUTPUT';

/** Its rules in iptables-restore format, for a family. */
export function outputRules(family: 4 | 6): string {
  return MATCHES[family].map((match) => `-A ${OUTPUT_CHAIN} ${match} -j DROP\n`).join('');
}

/** The same as a chain of nftables' table. Codes by number, because nft 0.9.8 (Debian 11) knows no names for them. */
export const NFT_OUTPUT = `	chain output {
		type filter hook output priority filter; policy accept;
		icmp type parameter-problem drop
		icmp type time-exceeded icmp code 1 drop
		icmpv6 type parameter-problem drop
		icmpv6 type time-exceeded icmpv6 code 1 drop
	}
`;
