import type { Posture } from '../schema/posture.ts';
import { servedPorts } from '../served-ports.ts';
import { decoys } from './decoys.ts';
import type { KnockEngine } from './engine.ts';
import { KNOCK_RULE_FILES, knockRules } from './firewall-rules.ts';
import { formatSequence, type Sequence, type Sequences } from './sequence.ts';

const CONF = '/etc/knockd.conf';
const DEFAULTS = '/etc/default/knockd';

/** knockd(1), as the distribution packages it: a daemon that sees the packets before the firewall does. */
export const knockd: KnockEngine = {
  secret: 'sequence',
  unsupported: () => undefined,
  // It learned IPv6 with version 0.8, and Debian 11 has 0.7.
  deafOverIpv6: (system) =>
    system?.os === 'debian' && system.version === '11' ? 'knockd of Debian 11' : undefined,
  needsInterface: true,
  openLatency: 300,
  opensInKernel: false,
  checksMayOverlap: true,
  clockTolerance: undefined,
  client: undefined,
  unit: 'knockd',
  atWork: 'knockd runs',
  packages: ['knockd'],
  units: ['knockd.service'],
  paths: [
    CONF,
    DEFAULTS,
    '/usr/local/lib/postern/knock-interface',
    '/etc/systemd/system/knockd.service.d/postern.conf',
    '/etc/systemd/system/knockd.service.d/postern-sandbox.conf',
    ...KNOCK_RULE_FILES,
  ],
  files: (posture, sequences) => ({
    [CONF]: knockdConf(posture, sequences),
    [DEFAULTS]: knockdDefault(),
    ...knockRules(posture, sequences),
  }),
  decoys: decoysOf,
  review: () => ({ [DEFAULTS]: knockdDefault() }),
};

/** /etc/default/knockd, as Debian's init script and unit read it; the interface is found at each start. */
function knockdDefault(): string {
  return `# Written by Postern; changed by the next change of its configuration.\nSTART_KNOCKD=1\nKNOCKD_OPTS=""\n`;
}

function decoysOf(posture: Posture, sequences: Sequences): Sequence {
  return decoys(sequences, servedPorts(posture));
}

/** The program that knockd runs; it finds out itself whether the door is timed or held. */
const DOOR_PROGRAM = '/usr/local/lib/postern/door';

/** The most ports that knockd takes in one sequence (SEQ_MAX). */
const SEQUENCE_MAXIMUM = 32;

/** A knock that nobody sends by chance: a sequence that begins with it never begins. */
const NEVER = '0:tcp';

/**
 * knockd.conf(5). Secret: it holds the sequences. The interface is given on the command line, because it is looked up
 * whenever the daemon starts.
 */
export function knockdConf(posture: Posture, sequences: Sequences): string {
  const doors = [door('postern-open', formatSequence(sequences.open), 'open', posture)];
  if (sequences.close !== null)
    doors.push(door('postern-close', formatSequence(sequences.close), 'close', posture));
  const traps = chunks(decoysOf(posture, sequences), SEQUENCE_MAXIMUM - 1);
  return `# Written by Postern; secret. Changed by the next change of its configuration.
[options]
  UseSyslog

${doors.join('\n')}
# Not doors: knockd only sees packets to ports that stand here, and a packet to a wrong one ends an attempt. These are
# wrong ones, for whoever scans. The first, port 0, is never knocked on, so that none of them ever begins.
${traps.map(trap).join('\n')}`;
}

function door(name: string, sequence: string, action: 'open' | 'close', posture: Posture): string {
  return `[${name}]
  sequence = ${sequence}
  seq_timeout = ${posture.knock.timeoutSeconds}
  tcpflags = syn
  command = ${DOOR_PROGRAM} ${action} %IP%
`;
}

function trap(ports: Sequence, index: number): string {
  return `[postern-decoy-${index + 1}]
  sequence = ${NEVER},${formatSequence(ports)}
  seq_timeout = 1
  tcpflags = syn
`;
}

function chunks(ports: Sequence, size: number): Sequence[] {
  return Array.from({ length: Math.ceil(ports.length / size) }, (_, n) =>
    ports.slice(n * size, (n + 1) * size),
  );
}
