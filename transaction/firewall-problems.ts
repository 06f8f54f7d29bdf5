import { ufwRules } from '../posture/firewall/ufw.ts';
import type { Posture } from '../posture/schema/posture.ts';
import type { Facts } from './facts.ts';

/** What puts a firewall's rules into force on a host, and how its owner stops that. */
interface Manager {
  readonly backend: Posture['firewall']['backend'];
  readonly name: string;
  readonly stop: string;
  readonly runs: (facts: Facts) => boolean;
}

const MANAGERS: readonly Manager[] = [
  { backend: 'ufw', name: 'ufw', stop: 'ufw disable', runs: ({ raw }) => raw.has('ufw') },
  service('firewalld', 'firewalld.service'),
  service('nftables', 'nftables.service'),
  service('iptables', 'netfilter-persistent.service'),
];

function service(backend: Manager['backend'], unit: string): Manager {
  return {
    backend,
    name: unit,
    stop: `systemctl disable --now ${unit}`,
    runs: (facts) => facts.unit(unit).active === 'active' || facts.unit(unit).enabled === 'enabled',
  };
}

/**
 * What stands in the way of a posture's firewall: a second manager, and rules that the posture does not have. The
 * firewall that Postern itself sealed the host with is no second manager: the change takes it out of force.
 */
export function firewallProblems(facts: Facts, posture: Posture): string[] {
  const { raw } = facts;
  const { backend } = posture.firewall;
  const mine = [backend, raw.get('sealed_firewall')?.[0]];
  const problems = MANAGERS.filter((manager) => !mine.includes(manager.backend) && manager.runs(facts)).map(
    ({ name, stop }) =>
      `${name} is active or starts at boot beside ${backend}, and two firewall managers undo each other's rules; disable it (${stop})`,
  );
  if (raw.has('legacy_rules'))
    problems.push(
      `there are iptables-legacy rules, which ${backend} does not see; move them to iptables or flush them`,
    );
  if (backend === 'ufw' && raw.has('ufw_manages_builtins'))
    problems.push(
      'ufw has MANAGE_BUILTINS=yes in /etc/default/ufw, which empties INPUT at each reload; set it to no',
    );
  return [...problems, ...foreignRules(facts, posture)];
}

function foreignRules({ raw }: Facts, posture: Posture): string[] {
  const { backend } = posture.firewall;
  const zone = backend === 'firewalld' ? foreignZoneEntries(raw.get('zone_entry') ?? [], posture) : [];
  const rules = (raw.get('filter_rule') ?? []).filter((rule) => !DOCKER.test(rule));
  // A zone is written as a whole, so what is the owner's could not stay in it.
  if (posture.firewall.foreignRules === 'keep') {
    return [
      ...(zone.length === 0
        ? []
        : [
            `firewalld's zone of the interface has entries that the configuration does not have, and they cannot be kept: ${zone.join('; ')}. Put them into firewall.rules or remove them`,
          ]),
      ...(backend !== 'firewalld' || rules.length === 0 || raw.get('sealed_firewall')?.[0] === 'firewalld'
        ? []
        : [
            `firewalld empties the tables of iptables when it starts, so these rules cannot be kept: ${rules.join('; ')}. Put them into firewall.rules, delete them, or choose another firewall.backend`,
          ]),
    ];
  }
  const foreign = [
    ...(backend === 'ufw' ? foreignUfwRules(raw.get('ufw_rule') ?? [], posture, raw) : []),
    ...zone,
    ...rules,
    ...(raw.get('nft_table') ?? []).map((table) => `nftables table ${table}`),
  ];
  const edited = backend === 'ufw' ? (raw.get('ufw_edited') ?? []) : [];
  return [
    ...(foreign.length === 0
      ? []
      : [
          `there are firewall rules that the configuration does not have: ${foreign.join('; ')}. Put them into firewall.rules, delete them, or set firewall.foreignRules: keep`,
        ]),
    ...(edited.length === 0
      ? []
      : [
          `${edited.join(', ')} was edited, so what ufw lets in cannot be computed; restore it or set firewall.foreignRules: keep`,
        ]),
  ];
}

/** Docker's own rules about forwarding, which it puts back whenever it starts; docs/firewall.md says what they mean. */
const DOCKER = /^-A FORWARD .*(DOCKER|docker0|br-[0-9a-f]{12})/;

/** ufw rules that are neither wanted, nor ours, nor about the ssh ports, which are closed on purpose. */
function foreignUfwRules(rules: readonly string[], posture: Posture, raw: Facts['raw']): string[] {
  const wanted = new Set(ufwRules(posture).map(withoutComment));
  const ports = new Set(sshPorts(posture, raw));
  return rules.filter((rule) => {
    if (rule.includes(" comment 'postern")) return false;
    const words = withoutComment(rule).split(' ');
    if (wanted.has(words.join(' '))) return false;
    // What lets in to the ssh ports is taken away; everything else is the owner's, and refused or kept.
    if (!/^(allow|limit) (?!out )/.test(rule)) return true;
    return !words.some(
      (word) => ports.has(word) || ports.has(word.replace(/\/tcp$/, '')) || /^(OpenSSH|ssh)$/i.test(word),
    );
  });
}

function withoutComment(rule: string): string {
  return rule.replace(/ comment '.*'$/, '');
}

/** What is in the zone, as `firewall-cmd --list-all` says it, and neither Postern's nor about the ssh ports. */
function foreignZoneEntries(entries: readonly string[], posture: Posture): string[] {
  const known = new Set(['ssh', 'dhcpv6-client', '22/tcp', `${posture.ssh.port}/tcp`]);
  for (const { port, protocol } of posture.firewall.rules) known.add(`${port}/${protocol}`);
  return entries.flatMap((entry) => {
    const [kind = '', ...words] = entry.split(' ');
    if (kind !== 'services' && kind !== 'ports') return isOwnRule(entry, posture) ? [] : [entry];
    const foreign = words.filter((word) => !known.has(word));
    return foreign.length === 0 ? [] : [`${kind} ${foreign.join(' ')}`];
  });
}

/** A rich rule for a port of the posture, the door's port among them, or for echo. */
function isOwnRule(entry: string, { ssh, firewall }: Posture): boolean {
  if (entry === 'rule icmp-type name="echo-request" accept') return true;
  const port =
    /^rule family="ipv[46]" source address="[^"]+" port port="(\d+)" protocol="(\w+)" accept$/.exec(entry);
  if (port === null) return false;
  if (Number(port[1]) === ssh.port) return true;
  return firewall.rules.some((rule) => String(rule.port) === port[1] && rule.protocol === port[2]);
}

function sshPorts(posture: Posture, raw: Facts['raw']): string[] {
  return ['22', ...(raw.get('sshd_port') ?? []), String(posture.ssh.port), String(posture.backup.port)];
}
