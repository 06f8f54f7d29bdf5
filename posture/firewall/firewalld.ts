import type { Posture } from '../schema/posture.ts';
import type { FirewallBackend } from './backend.ts';
import { NFT_OUTPUT } from './icmp-errors.ts';
import { doorSet, knockInclude, TABLE } from './nftables.ts';
import { type ServiceRule, serviceRules } from './service-rules.ts';

const ZONE_FILE = '/etc/postern/zone.xml';
const GUARD_FILE = '/etc/postern/firewall.nft';

/** Zone of the interface where firewalld has none for it: the default of its packages. */
export const DEFAULT_ZONE = 'public';

/** Where firewalld looks for a zone before it takes the packaged one. */
export function zonePath(zone: string): string {
  return `/etc/firewalld/zones/${zone}.xml`;
}

/**
 * firewalld: the zone of the host's interface drops all but the posture's ports; the ssh service is not in it. The door
 * is a rich rule for each knocker's address, with a timeout that firewalld counts; so that the kernel counts too, and
 * a firewalld that was killed leaves nothing open, a table of our own drops new connections to the ssh port unless the
 * address is in its set.
 */
export const firewalld: FirewallBackend = {
  // It is asked over D-Bus; the slowest of 80 took 0.4 s.
  openLatency: { timed: 1200, held: 1200 },
  mechanism: 'nftables',
  packages: ['firewalld', 'nftables'],
  units: ['firewalld.service'],
  paths: [
    ZONE_FILE,
    GUARD_FILE,
    '/etc/postern/firewalld.zone',
    '/etc/firewalld/firewalld.conf',
    '/etc/systemd/system/firewalld.service.d/postern.conf',
    zonePath(DEFAULT_ZONE),
  ],
  files: (posture) => ({ [ZONE_FILE]: zoneXml(posture), [GUARD_FILE]: guardRules(posture) }),
  rules: (posture) => serviceRules(posture).map((rule) => `${acceptService(rule)} <!-- ${rule.comment} -->`),
};

/** The zone's file, firewalld.zone(5). What IPv6 cannot live without is let in by the packaged policy allow-host-ipv6. */
export function zoneXml(posture: Posture): string {
  const elements = [
    '<short>Postern</short>',
    '<description>Written by Postern; changed by the next change of its configuration.</description>',
    // Answers to a DHCPv6 client, which asks a multicast address.
    '<service name="dhcpv6-client"/>',
    ...serviceRules(posture).map(acceptService),
    // A rule of the zone can't ask the set that the kernel writes knockers into; the guard below does, and drops the rest.
    ...(posture.knock.engine === 'kernel' ? [`<port port="${posture.ssh.port}" protocol="tcp"/>`] : []),
    ...(posture.firewall.icmpEcho ? ['<rule><icmp-type name="echo-request"/><accept/></rule>'] : []),
  ];
  const lines = elements.map((element) => `  ${element}\n`).join('');
  return `<?xml version="1.0" encoding="utf-8"?>\n<zone target="DROP">\n${lines}</zone>\n`;
}

/**
 * What a zone file of {@link zoneXml} lets in, in the words of `firewall-cmd --list-all`: `ports 4002/tcp`, or a rich rule.
 */
export function zoneEntries(xml: string): string[] {
  return xml.split('\n').flatMap((line) => {
    const [, port, protocol] = /^ {2}<port port="(\d+)" protocol="(\w+)"\/>$/.exec(line) ?? [];
    if (port !== undefined) return [`ports ${port}/${protocol}`];
    const [, attributes = '', elements] = /^ {2}<rule([^>]*)>(.*)<\/rule>$/.exec(line) ?? [];
    if (elements === undefined) return [];
    return [`rule${attributes} ${elements.slice(1, -2).replaceAll('/><', ' ')}`];
  });
}

/** The kernel's clock on the door, before firewalld's own chains: it only ever drops. */
export function guardRules(posture: Posture): string {
  const { ssh } = posture;
  const guard = (address: string, family: 4 | 6) =>
    `		${address} saddr != @${doorSet(family)} tcp dport ${ssh.port} ct state new iif != "lo" drop\n`;
  const set = (family: 4 | 6) =>
    `	set ${doorSet(family)} {\n		type ${family === 4 ? 'ipv4_addr' : 'ipv6_addr'}\n		flags timeout\n	}\n`;
  return `#!/usr/sbin/nft -f
# Written by Postern; changed by the next change of its configuration.
table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
${set(4)}${set(6)}	chain input {
		type filter hook input priority filter; policy accept;
${guard('ip', 4)}${guard('ip6', 6)}	}
${NFT_OUTPUT}${knockInclude()}}
`;
}

function acceptService({ family, protocol, port, network }: ServiceRule): string {
  const element = `<port port="${port}" protocol="${protocol}"/>`;
  if (network === undefined) return element;
  return `<rule family="ipv${family}"><source address="${network}"/>${element}<accept/></rule>`;
}
