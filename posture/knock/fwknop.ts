import type { KnockEngine, KnownSystem } from './engine.ts';
import { KNOCK_RULE_FILES, knockRules } from './firewall-rules.ts';
import type { Sequence, Sequences } from './sequence.ts';

const ACCESS = '/etc/fwknop/access.conf';
const CONF = '/etc/fwknop/fwknopd.conf';

/** The program that fwknopd runs for a packet that it took. */
const DOOR_PROGRAM = '/usr/local/lib/postern/spa-door';

/** Seconds that a packet is good for: fwknop's own default. Host's and sender's clocks must agree this well. */
export const PACKET_AGE = 120;

/**
 * fwknopd(8), as the distribution packages it: a daemon that takes one encrypted and signed packet, once. It sees packets
 * before the firewall does, and touches no firewall itself: it has the door's program run, as knockd does.
 */
export const fwknop: KnockEngine = {
  secret: 'packet',
  unsupported,
  deafOverIpv6: () => 'fwknop',
  needsInterface: true,
  // It looks for packets ten times a second.
  openLatency: 600,
  opensInKernel: false,
  checksMayOverlap: false,
  clockTolerance: PACKET_AGE,
  client: 'fwknop',
  unit: 'fwknop-server',
  atWork: 'fwknop runs',
  packages: ['fwknop-server'],
  units: ['fwknop-server.service'],
  paths: [
    ACCESS,
    CONF,
    '/usr/local/lib/postern/knock-interface',
    DOOR_PROGRAM,
    '/etc/systemd/system/fwknop-server.service.d/postern.conf',
    '/etc/systemd/system/fwknop-server.service.d/postern-sandbox.conf',
    ...KNOCK_RULE_FILES,
  ],
  files: (posture, sequences) => ({
    [ACCESS]: accessConf(sequences),
    [CONF]: fwknopdConf(sequences),
    ...knockRules(posture, sequences),
  }),
  decoys: () => [],
  review: () => ({}),
};

/** Releases of Debian whose fwknopd sees packets before the firewall (it is built with libpcap). */
const DEBIAN_RELEASES: readonly string[] = ['11', '12'];

function unsupported({ os, version }: KnownSystem): string | undefined {
  if (os === 'debian' && DEBIAN_RELEASES.includes(version.split('.')[0] ?? '')) return undefined;
  if (os !== 'debian') return 'is packaged for Debian, not for RHEL’s family; take knockd or kernel';
  return `is built without libpcap: it would need a rule of its own in the firewall, or an open port; take knockd or kernel, or Debian ${DEBIAN_RELEASES.join(' or ')}`;
}

const HEAD = '# Written by Postern; secret. Changed by the next change of its configuration.\n';

/** fwknopd.conf. Secret: the port may be. The interface is given on the command line. */
export function fwknopdConf({ open, close }: Sequences): string {
  const ports = [...new Set([...open, ...(close ?? [])].map(({ port }) => `udp port ${port}`))];
  return `${HEAD}PCAP_FILTER                 ${ports.join(' or ')}
ENABLE_PCAP_PROMISC         N
ENABLE_SPA_PACKET_AGING     Y
MAX_SPA_PACKET_AGE          ${PACKET_AGE}
# What came once is not taken again; ${DOOR_PROGRAM} keeps a copy on the disk.
ENABLE_DIGEST_PERSISTENCE   Y
DIGEST_FILE                 /run/postern-fwknop/digest.cache
FWKNOP_RUN_DIR              /run/postern-fwknop
FWKNOP_PID_FILE             /run/postern-fwknop/fwknopd.pid
`;
}

/** access.conf: whose packet does what. Secret: the keys are in it. */
export function accessConf({ open, close }: Sequences): string {
  return [HEAD.trimEnd(), ...stanzas('open', open), ...stanzas('close', close ?? [])].join('\n');
}

/**
 * `$PKT_SRC` is the address that the packet came from. One that the packet itself names would have to be known to the
 * sender, who is behind a NAT more often than not.
 */
function stanzas(action: 'open' | 'close', packets: Sequence): string[] {
  return packets.flatMap(({ spa }) =>
    spa === undefined
      ? []
      : `
SOURCE              ANY
KEY_BASE64          ${spa.key}
HMAC_KEY_BASE64     ${spa.hmacKey}
HMAC_DIGEST_TYPE    sha256
CMD_CYCLE_OPEN      ${DOOR_PROGRAM} ${action} $PKT_SRC
# The kernel shuts a timed door by itself.
CMD_CYCLE_CLOSE     NONE
`,
  );
}
