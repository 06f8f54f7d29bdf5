import { KNOCK_CHAIN, knockerList } from '../../firewall/chain.ts';
import type { Posture } from '../../schema/posture.ts';
import { servedPorts } from '../../served-ports.ts';
import { type Chain, MULTIPORT } from '../firewall-rules.ts';
import type { Knock, Sequences } from '../sequence.ts';
import { doorsOf, type KernelDoor, stageWords, strayBudget } from './door.ts';

/** For every packet that begins something: each sequence's chain, one after the other. */
const SEQUENCES_CHAIN = 'POSTERN-SEQUENCES';

/** For who tries the ssh port. */
const LOG_CHAIN = 'POSTERN-KNOCK-LOG';

/**
 * The kernel engine where the firewall is iptables: its chains, for a family. Secret: they hold the sequences.
 *
 * List 0 of a sequence (xt_recent) holds the addresses that have begun it, list N those that have knocked N times, and list
 * `stray` how often they hit another port; the rules are those of the sets of nftables (nft.ts). iptables can't hide a port from the log, so a knock itself is not logged: how far an address
 * has come is, when it tries the ssh port.
 */
export function knockChains(posture: Posture, sequences: Sequences, family: 4 | 6): Chain[] {
  const doors = doorsOf(posture, sequences).map((door) => ({ ...door, family }));
  return [
    [KNOCK_CHAIN, entrance(posture)],
    [SEQUENCES_CHAIN, doors.map((door) => `-j ${chainOf(door)}`)],
    [LOG_CHAIN, doors.flatMap(log)],
    ...doors.flatMap(doorChains),
  ];
}

interface FamilyDoor extends KernelDoor {
  readonly family: 4 | 6;
}

function entrance(posture: Posture): string[] {
  const { interface: link } = posture.knock;
  const served = [...new Set(servedPorts(posture))].sort((left, right) => left - right);
  const groups = Array.from({ length: Math.ceil(served.length / MULTIPORT) }, (_, n) =>
    served.slice(n * MULTIPORT, (n + 1) * MULTIPORT).join(','),
  );
  return [
    link === undefined ? '-i lo -j RETURN' : `! -i ${link} -j RETURN`,
    '-m conntrack ! --ctstate NEW -j RETURN',
    '-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j RETURN',
    `-p tcp -m tcp --dport ${posture.ssh.port} -g ${LOG_CHAIN}`,
    // Whoever uses a service does not disturb a knock.
    ...groups.flatMap((ports) =>
      ['tcp', 'udp'].map((protocol) => `-p ${protocol} -m multiport --dports ${ports} -j RETURN`),
    ),
    `-p tcp -g ${SEQUENCES_CHAIN}`,
    `-p udp -g ${SEQUENCES_CHAIN}`,
  ];
}

function match({ protocol, port }: Knock): string {
  return `-p ${protocol} -m ${protocol} --dport ${port}`;
}

function chainOf({ name }: KernelDoor): string {
  return `POSTERN-${name.toUpperCase()}`;
}

/** The chain that chooses the step, and one for each step. */
function doorChains(door: FamilyDoor): Chain[] {
  const choices = door.sequence.map((knock, index) => `${match(knock)} -g ${chainOf(door)}${index + 1}`);
  return [
    [chainOf(door), [...choices, `${begun(door)} -g ${chainOf(door)}-STRAY`]],
    [
      `${chainOf(door)}-STRAY`,
      [
        note(door, 'stray'),
        `${recent(`rcheck --hitcount ${strayBudget(door) + 1}`, listOf(door, 'stray'))} ${forget(door, 0)}`,
      ],
    ],
    ...door.sequence.map((_, index): Chain => [`${chainOf(door)}${index + 1}`, step(door, index + 1)]),
  ];
}

function step(door: FamilyDoor, stage: number): string[] {
  const { name, family, sequence } = door;
  /** Stages from `first` on that are not the last. */
  const later = (first: number) => sequence.slice(first).map((_, index) => first + index);
  if (stage === 1)
    return [
      // Known already: only the time begins anew.
      ...later(2).map((reached) => `${begun(door)} ${at(door, reached)} ${note(door, 0)} -j RETURN`),
      `${begun(door)} ${note(door, 0)} ${note(door, 1)} -j RETURN`,
      ...later(2).map((reached) => forget(door, reached)),
      forget(door, 'stray'),
      note(door, 0),
      note(door, 1),
    ];
  const advance = `${begun(door)} ${at(door, stage - 1)} ${forget(door, stage - 1)} ${note(door, stage)}`;
  if (stage < sequence.length)
    return [`${advance} -j RETURN`, `${at(door, stage)} -j RETURN`, forget(door, 0)];
  const knockers = knockerList(family);
  // The last list is the log's; who is not let in can't be taken off either, so that comes after everything else.
  const act = name === 'open' ? recent('set', knockers) : recent('remove', knockers);
  return [`${advance} ${forget(door, 0)} ${act} -j RETURN`, forget(door, 0)];
}

/** Tells how far who tries the ssh port has come, and, once, that the door was opened or closed. */
function log(door: FamilyDoor): string[] {
  return door.sequence.map((_, index) => {
    const stage = index + 1;
    const who = stage === door.sequence.length ? forget(door, stage) : `${begun(door)} ${at(door, stage)}`;
    return `${who} -m limit --limit 10/sec --limit-burst 20 -j LOG --log-prefix "${stageWords(door, stage)} "`;
  });
}

function begun(door: FamilyDoor): string {
  return at(door, 0);
}

/** At this stage, for no longer than the whole may take. */
function at(door: FamilyDoor, stage: number): string {
  return recent(`rcheck --seconds ${door.seconds}`, listOf(door, stage));
}

type ListName = number | 'stray';

function note(door: FamilyDoor, list: ListName): string {
  return recent('set', listOf(door, list));
}

function forget(door: FamilyDoor, list: ListName): string {
  return recent('remove', listOf(door, list));
}

function recent(how: string, list: string): string {
  return `-m recent --${how} --name ${list} --rsource`;
}

function listOf({ name, family }: FamilyDoor, list: ListName): string {
  return `${knockerList(family)}_${name}${list}`;
}
