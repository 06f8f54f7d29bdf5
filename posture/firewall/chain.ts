import type { Posture } from '../schema/posture.ts';
import { OUTPUT_CHAIN, outputRules } from './icmp-errors.ts';

/** Name of the chain and of the kernel's list of knockers (xt_recent). */
export const CHAIN = 'POSTERN';

/**
 * The chain that INPUT jumps to first, in iptables-restore format: what has to come before the firewall's own rules.
 * It holds the door, whose list of knockers and clock are the kernel's, so that a dead daemon leaves nothing
 * open, and drops what ufw's packaged before.rules would answer (echo, mDNS, SSDP, and DHCP's port, which says that it is
 * closed to whoever sends from port 67; DHCP clients read from the wire or asked themselves, see decision 0057).
 */
export function chainRules(posture: Posture, family: 4 | 6): string {
  const rules = [
    ...(posture.firewall.icmpEcho ? [] : [ECHO[family]]),
    ...CHATTER[family].map((match) => `${match} -j DROP`),
    ...(family === 4 && !servesDhcp(posture) ? [UNASKED_DHCP] : []),
    ...knockJump(posture),
    doorRule(posture, family),
    shutRule(posture),
  ];
  const lines = rules.map((rule) => `-A ${CHAIN} ${rule}\n`).join('');
  return `*filter\n:${CHAIN} - [0:0]\n:${OUTPUT_CHAIN} - [0:0]\n${lines}${outputRules(family)}COMMIT\n`;
}

/** The chain that counts knocks where the engine is the kernel; loaded before the chain that jumps to it. */
export const KNOCK_CHAIN = 'POSTERN-KNOCK';

/** The chain where packets to the engine's ports end, ahead of every rule that logs them; loaded along with that one. */
export const NOLOG_CHAIN = 'POSTERN-NOLOG';

/** The jumps to both, which have to come before the door's rule: who tries the door is what the first of them logs. */
export function knockJump({ knock }: Posture): string[] {
  return [...(knock.engine === 'kernel' ? [`-j ${KNOCK_CHAIN}`] : []), `-j ${NOLOG_CHAIN}`];
}

/** The kernel's list of knockers, `/proc/net/xt_recent/<name>`; one for each family. */
export function knockerList(family: 4 | 6): string {
  return family === 4 ? 'postern4' : 'postern6';
}

/** Lets whoever is on the kernel's list of knockers make new connections to the ssh port; a timed door counts seconds. */
export function doorRule({ ssh, knock }: Posture, family: 4 | 6): string {
  const time = knock.door === 'timed' ? `--seconds ${knock.openSeconds} ` : '';
  const list = `-m recent --rcheck ${time}--name ${knockerList(family)} --rsource`;
  return `-p tcp -m tcp --dport ${ssh.port} -m conntrack --ctstate NEW ${list} -j ACCEPT`;
}

/** Whatever ufw lets in, also while it reloads and its rules are out of force for a moment. */
function shutRule({ ssh }: Posture): string {
  return `! -i lo -p tcp -m tcp --dport ${ssh.port} -m conntrack --ctstate NEW -j DROP`;
}

const ECHO = {
  4: '-p icmp -m icmp --icmp-type 8 -j DROP',
  6: '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP',
} as const;

/** Answers of a DHCP server that this host did not ask from its own port 68; ufw's before.rules accepts them. */
const UNASKED_DHCP = '-p udp -m udp --sport 67 --dport 68 -m conntrack --ctstate NEW -j DROP';

function servesDhcp({ firewall }: Posture): boolean {
  return firewall.rules.some(({ port, protocol }) => port === 68 && protocol === 'udp');
}

const CHATTER = {
  4: ['-d 224.0.0.251/32 -p udp -m udp --dport 5353', '-d 239.255.255.250/32 -p udp -m udp --dport 1900'],
  6: ['-d ff02::fb/128 -p udp -m udp --dport 5353', '-d ff02::f/128 -p udp -m udp --dport 1900'],
} as const;
