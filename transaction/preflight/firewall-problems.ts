import type { BackendName } from '../../posture/firewall/backend.ts';
import { zoneEntries, zoneXml } from '../../posture/firewall/firewalld.ts';
import { ufwRules } from '../../posture/firewall/ufw.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { type Facts, sealedFirewall } from '../facts/facts.ts';
import { withoutComment } from '../verify/foreign-rules.ts';
import { ownUfwRules } from './own-ufw-rules.ts';

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
  const mine = [backend, sealedFirewall(raw)];
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
  if (raw.has('firewalld_owner'))
    problems.push(
      'firewalld lets nobody else into its table, not even for the way back; set NftablesTableOwner=no in /etc/firewalld/firewalld.conf and restart it',
    );
  return [...problems, ...foreignRules(facts, posture)];
}

function foreignRules({ raw }: Facts, posture: Posture): string[] {
  const { backend } = posture.firewall;
  const zone = backend === 'firewalld' ? foreignZoneEntries(raw, posture) : [];
  const rules = (raw.get('filter_rule') ?? []).filter((rule) => !DOCKER.test(rule));
  // A zone is written as a whole, so what is the owner's could not stay in it.
  if (posture.firewall.foreignRules === 'keep') {
    return [
      ...(zone.length === 0
        ? []
        : [
            `firewalld's zone of the interface has entries that the configuration does not have, and they cannot be kept: ${zone.join('; ')}. Put them into firewall.rules or remove them`,
          ]),
      ...(backend !== 'firewalld' || rules.length === 0 || sealedFirewall(raw) === 'firewalld'
        ? []
        : [
            `firewalld empties the tables of iptables when it starts, so these rules cannot be kept: ${rules.join('; ')}. Put them into firewall.rules, delete them, or choose another firewall.backend`,
          ]),
      ...shutAnyway(raw, backend, rules),
    ];
  }
  const foreign = [
    ...(backend === 'ufw' ? foreignUfwRules(raw.get('ufw_rule') ?? [], posture, raw) : []),
    ...zone,
    ...rules,
    ...foreignTables(raw).map((table) => `nftables table ${table}`),
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

/** A firewalld that Postern set up leaves its table in force when it is stopped. */
function foreignTables(raw: Facts['raw']): string[] {
  const own = sealedFirewall(raw) === 'firewalld';
  return (raw.get('nft_table') ?? []).filter((table) => !(own && table === 'inet firewalld'));
}

/** A packet has to get past every table of nftables, so what one of the owner's lets in ends in Postern's or ufw's. */
function shutAnyway(raw: Facts['raw'], backend: BackendName, rules: readonly string[]): string[] {
  const opens = raw.get('nft_opens') ?? [];
  const tables = foreignTables(raw).filter((table) => opens.includes(table));
  const opening =
    backend === 'nftables' ? rules.filter((rule) => OPENS.test(rule) && !HARMLESS.test(rule)) : [];
  const what = [...opening, ...tables.map((table) => `nftables table ${table}`)];
  if (what.length === 0) return [];
  return [
    `${backend} would shut ports that these rules let in, so they cannot be kept: ${what.join('; ')}. Put the ports into firewall.rules and delete the rules that accept them`,
  ];
}

const OPENS = /^-A INPUT .*-j ACCEPT/;

/** What every backend lets in, too. */
const HARMLESS = / -i lo | --(ct)?state (RELATED,ESTABLISHED|ESTABLISHED,RELATED|ESTABLISHED) /;

/** Docker's own rules about forwarding, which it puts back whenever it starts; docs/firewall.md says what they mean. */
const DOCKER = /^-A FORWARD .*(DOCKER|docker0|br-[0-9a-f]{12})/;

/** The owner's rules of a ufw that Postern sealed the host with and that goes: they stay in its files, out of force. */
export function leftRules({ raw }: Pick<Facts, 'raw'>, posture: Posture): string[] {
  if (sealedFirewall(raw) !== 'ufw' || posture.firewall.backend === 'ufw') return [];
  return foreignUfwRules(raw.get('ufw_rule') ?? [], posture, raw);
}

/** ufw rules that are neither wanted, nor ours, nor about the ssh ports, which are closed on purpose. */
function foreignUfwRules(rules: readonly string[], posture: Posture, raw: Facts['raw']): string[] {
  const wanted = new Set(ufwRules(posture).map(withoutComment));
  const ports = new Set(sshPorts(posture, raw));
  const own = ownUfwRules(raw);
  return rules.filter((rule) => {
    if (own(rule)) return false;
    const words = withoutComment(rule).split(' ');
    if (wanted.has(words.join(' '))) return false;
    // What lets in to the ssh ports is taken away; everything else is the owner's, and refused or kept.
    if (!/^(allow|limit) (?!out )/.test(rule)) return true;
    return !words.some(
      (word) => ports.has(word) || ports.has(word.replace(/\/tcp$/, '')) || /^(OpenSSH|ssh)$/i.test(word),
    );
  });
}

/** What is in the zone, as `firewall-cmd --list-all` says it, and neither Postern's nor about the ssh port. */
function foreignZoneEntries(raw: Facts['raw'], posture: Posture): string[] {
  const ports = sshPorts(posture, raw);
  const known = new Set([
    'services ssh',
    'services dhcpv6-client',
    ...ports.map((port) => `ports ${port}/tcp`),
    ...zoneEntries(zoneXml(posture)),
    ...zoneEntries((raw.get('zone_own') ?? []).join('\n')),
  ]);
  return (raw.get('zone_entry') ?? []).flatMap((entry) => {
    const [kind = '', ...words] = entry.split(' ');
    if (kind !== 'services' && kind !== 'ports')
      return known.has(entry) || isDoor(entry, ports) ? [] : [entry];
    const foreign = words.filter((word) => !known.has(`${kind} ${word}`));
    return foreign.length === 0 ? [] : [`${kind} ${foreign.join(' ')}`];
  });
}

/** A rich rule that lets an address in to the ssh port: a knock's, or one that the knock takes the place of. */
function isDoor(entry: string, ports: readonly string[]): boolean {
  const port = /^rule family="ipv[46]" source address="[^"]+" port port="(\d+)" protocol="tcp" accept$/.exec(
    entry,
  );
  return ports.includes(port?.[1] ?? '');
}

function sshPorts(posture: Posture, raw: Facts['raw']): string[] {
  return ['22', ...(raw.get('sshd_port') ?? []), String(posture.ssh.port), String(posture.backup.port)];
}
