import type { Posture } from '../schema/posture.ts';
import { formatSequence, type Sequences } from './sequence.ts';

/** The program that knockd runs; it finds out itself whether the door is timed or held. */
export const DOOR_PROGRAM = '/usr/local/lib/postern/door';

/**
 * knockd.conf(5). Secret: it holds the sequences. The interface is given on the command line, because it is looked up
 * whenever the daemon starts.
 */
export function knockdConf(posture: Posture, sequences: Sequences): string {
  const doors = [door('postern-open', formatSequence(sequences.open), 'open', posture)];
  if (sequences.close !== null)
    doors.push(door('postern-close', formatSequence(sequences.close), 'close', posture));
  return `# Written by Postern; secret. Changed by the next change of its configuration.\n[options]\n  UseSyslog\n\n${doors.join('\n')}`;
}

function door(name: string, sequence: string, action: 'open' | 'close', posture: Posture): string {
  return `[${name}]
  sequence = ${sequence}
  seq_timeout = ${posture.knock.timeoutSeconds}
  tcpflags = syn
  command = ${DOOR_PROGRAM} ${action} %IP%
`;
}
