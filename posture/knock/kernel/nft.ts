import type { Posture } from '../../schema/posture.ts';
import { servedPorts } from '../../served-ports.ts';
import type { Sequences } from '../sequence.ts';
import { doorsOf, type KernelDoor, stageWords, strayBudget } from './door.ts';

/** What a family is called in rules and names. */
interface Family {
  readonly version: 4 | 6;
  /** The source address of a packet. */
  readonly source: string;
  /** Type of a set of addresses. */
  readonly type: string;
}

const FAMILIES: readonly Family[] = [
  { version: 4, source: 'ip saddr', type: 'ipv4_addr' },
  { version: 6, source: 'ip6 saddr', type: 'ipv6_addr' },
];

/** Addresses that may be knocking at once; sets without a limit could fill the kernel's memory. */
const SIZE = 16_384;

/**
 * The kernel engine where the firewall is a table of nftables: sets and chains added to the table `inet postern`, which
 * has the sets of the door, `door4` and `door6`. Secret: it holds the sequences.
 *
 * For each sequence and family, set 0 holds the addresses that have begun it, for as long as the whole may take, and set N
 * those that have knocked N times; an address is in one of the latter at most. The next knock takes it to the next set. The
 * first knock, and the one that was made last, change nothing however often they come again: not even a flood of them,
 * sent in the knocker's name, shuts the knocker out. Any other knock out of its turn ends the attempt: it takes the address
 * out of set 0, and without that nothing counts. Packets to any other port that is not served are strays: the set `stray`
 * counts them, and the attempt ends when there are more than {@link strayBudget} of them.
 */
export function knockTable(posture: Posture, sequences: Sequences): string {
  const doors = doorsOf(posture, sequences);
  const parts = FAMILIES.flatMap((family) => [
    ...doors.flatMap((door) => [...sets(door, family), ...steps(door, family), choice(door, family)]),
    report(doors, family),
  ]);
  return `${parts.join('')}${entrance(posture, doors)}`;
}

/** The chain that looks at every packet that begins something. */
function entrance(posture: Posture, doors: readonly KernelDoor[]): string {
  const served = [...new Set(servedPorts(posture))].sort((left, right) => left - right);
  const { interface: link } = posture.knock;
  const knocked = [...new Set(doors.flatMap(({ sequence }) => sequence.map(match)))];
  return chain('knock', [
    // Before the chain that decides.
    'type filter hook input priority filter - 5; policy accept;',
    link === undefined ? 'iif "lo" accept' : `iifname != "${link}" accept`,
    'ct state != new accept',
    'meta l4proto != { tcp, udp } accept',
    'tcp flags & (fin | syn | rst | ack) != syn accept',
    // Whoever uses a service, or tries whether the door is open, does not disturb a knock.
    `th dport { ${served.join(', ')} } accept`,
    ...FAMILIES.flatMap(({ version }) =>
      doors.map(({ name }) => `meta nfproto ipv${version} jump ${name}${version}`),
    ),
    ...FAMILIES.map(
      ({ version }) =>
        `meta nfproto ipv${version} meta l4proto . th dport { ${knocked.join(', ')} } goto report${version}`,
    ),
  ]);
}

/** `tcp . 12345`: a knock as an element of protocol and port. */
function match({ protocol, port }: KernelDoor['sequence'][number]): string {
  return `${protocol} . ${port}`;
}

/** Sets 0 to k, of which the last is only for the log, and that of the strays. */
function sets(door: KernelDoor, { version, type }: Family): string[] {
  const { name, sequence, seconds } = door;
  const set = (stage: number | 'stray', timeout: number) =>
    `\tset ${name}${version}_${stage} {\n\t\ttype ${type}\n\t\tsize ${SIZE}\n\t\tflags dynamic,timeout\n\t\ttimeout ${timeout}s\n\t}\n`;
  return [
    ...[undefined, ...sequence].map((_, stage) => set(stage, stage === sequence.length ? 1 : seconds)),
    set('stray', seconds),
  ];
}

function steps({ name, sequence, openSeconds }: KernelDoor, { version, source }: Family): string[] {
  const set = (stage: number | 'stray') => `@${name}${version}_${stage} { ${source} }`;
  const among = (stage: number) => `${source} @${name}${version}_${stage}`;
  const door = `@door${version} { ${source}${openSeconds === undefined ? '' : ` timeout ${openSeconds}s`} }`;
  const act = name === 'open' ? `update ${door}` : `delete @door${version} { ${source} }`;
  /** Stages from `first` on that are not the last. */
  const later = (first: number) => sequence.slice(first).map((_, index) => first + index);
  return sequence.map((_, index) => {
    const stage = index + 1;
    const last = stage === sequence.length;
    const rules =
      stage === 1
        ? [
            // Known already: only the time begins anew.
            ...later(2).map((reached) => `${among(0)} ${among(reached)} update ${set(0)} return`),
            `${among(0)} update ${set(0)} update ${set(1)} return`,
            ...later(2).map((reached) => `delete ${set(reached)}`),
            `delete ${set('stray')}`,
            `update ${set(0)} update ${set(1)}`,
          ]
        : [
            `${among(0)} ${among(index)} delete ${set(index)} ${last ? `delete ${set(0)} ${act} ` : ''}update ${set(stage)} return`,
            ...(last ? [] : [`${among(stage)} return`]),
            `delete ${set(0)}`,
          ];
    return chain(`${name}${version}_step${stage}`, rules);
  });
}

/** Which step a packet is; one that is none is a stray, and one too many ends the attempt. */
function choice(door: KernelDoor, { version, source }: Family): string {
  const { name, sequence } = door;
  const cases = sequence.map((knock, index) => `${match(knock)} : goto ${name}${version}_step${index + 1}`);
  const begun = `@${name}${version}_0`;
  // The bucket is filled up once a day, and forgotten long before.
  const tooMany = `update @${name}${version}_stray { ${source} limit rate over 1/day burst ${strayBudget(door)} packets }`;
  return chain(`${name}${version}`, [
    `meta l4proto . th dport vmap { ${cases.join(', ')} }`,
    `${source} ${begun} ${tooMany} delete ${begun} { ${source} }`,
  ]);
}

/** What an operator reads in the kernel's log. The packet ends here, so that its port can be hidden from the log. */
function report(doors: readonly KernelDoor[], { version, source }: Family): string {
  const lines = doors.flatMap((door) =>
    door.sequence.map((_, index) => {
      const stage = index + 1;
      const among = (set: number) => `${source} @${door.name}${version}_${set}`;
      const who = stage === door.sequence.length ? among(stage) : `${among(0)} ${among(stage)}`;
      return `${who} limit rate 10/second burst 20 packets log prefix "${stageWords(door, stage)} "`;
    }),
  );
  return chain(`report${version}`, ['tcp dport set 0', 'udp dport set 0', ...lines, 'drop']);
}

function chain(name: string, rules: readonly string[]): string {
  return `\tchain ${name} {\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n`;
}
