import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../lab/base.ts';
import type { BackendName } from '../../posture/firewall/backend.ts';
import type { EngineName } from '../../posture/knock/engine.ts';

/** A sealed host of a kind. */
export interface Kind {
  readonly release: Release;
  readonly backend: BackendName;
  readonly engine: EngineName;
}

/** Something that happens to a sealed host in the course of its life. */
export interface Fault {
  readonly name: string;
  /** What does it, as root inside the host. */
  readonly command: string;
  /** The host boots because of it. */
  readonly boots?: true;
  /** The release whose packages the host is to be given before. */
  readonly release?: Release;
  /** Seconds that the command may take. Default 240. */
  readonly seconds?: number;
}

/** Releases whose fwknopd sees packets before the firewall does. */
export const FWKNOP_RELEASES: readonly Release[] = ['bullseye', 'bookworm'];

const DAEMONS: Readonly<Record<EngineName, readonly string[]>> = {
  knockd: ['knockd.service'],
  fwknop: ['fwknop-server.service'],
  kernel: [],
};

const MANAGERS: Readonly<Record<BackendName, readonly string[]>> = {
  ufw: ['ufw.service'],
  firewalld: ['firewalld.service', 'dbus.service'],
  iptables: [],
  nftables: ['nftables.service'],
};

const PACKAGES: Readonly<Record<EngineName | BackendName, readonly string[]>> = {
  knockd: ['knockd'],
  fwknop: ['fwknop-server'],
  kernel: [],
  ufw: ['ufw', 'iptables'],
  firewalld: ['firewalld', 'nftables'],
  iptables: ['iptables'],
  nftables: ['nftables'],
};

/** What takes away the rules in force, without a word to who manages them. */
const FLUSH: Readonly<Record<BackendName, string>> = {
  ufw: 'iptables -F INPUT; ip6tables -F INPUT',
  firewalld: 'nft flush ruleset',
  iptables: 'iptables -F INPUT; ip6tables -F INPUT',
  nftables: 'nft flush ruleset',
};

/** A plain stop of nftables.service leaves the door's table in force, and one of dbus takes the bus down for everybody. */
const VERBS = ['stop', 'restart', 'kill'] as const;

/** Debian upgrades from one release to the next one only. */
const NEXT: Readonly<Record<Release, Release | undefined>> = {
  bullseye: 'bookworm',
  bookworm: 'trixie',
  trixie: undefined,
};

const NEWER = readFileSync(join(import.meta.dirname, 'newer-packages.sh'), 'utf8');

/** Everything that is tried on a host of a kind: a boot, its units, its packages, its rules; at the end its release. */
export function faultsOf({ release, backend, engine }: Kind): Fault[] {
  const units = [
    ...DAEMONS[engine],
    ...MANAGERS[backend],
    'ssh.service',
    'postern-firewall.service',
    'postern-guard.service',
    'postern-guard.timer',
  ];
  const packages = [...PACKAGES[engine], ...PACKAGES[backend], 'openssh-server'];
  return [
    { name: 'reboot', command: 'systemctl reboot', boots: true },
    ...units.flatMap((unit) => VERBS.map((verb) => unitFault(verb, unit))),
    ...packages.map((name) => ({ name: `reinstall ${name}`, command: reinstall(name) })),
    { name: 'flush the rules', command: FLUSH[backend] },
    { name: 'daemon-reexec', command: 'systemctl daemon-reexec' },
    {
      name: 'unattended-upgrades',
      command: `cat >/root/newer.sh <<'EOT'\n${NEWER}EOT\nsh /root/newer.sh ${packages.join(' ')}`,
      seconds: 600,
    },
    ...releaseUpgrade(NEXT[release], engine),
    // Last: the host is without it from then on.
    ...DAEMONS[engine].map((unit) => ({ name: `sandbox of ${unit} refused`, command: refuseSandbox(unit) })),
  ];
}

/** The upgrade and the boot that ends it; to a release whose fwknop is deaf, the guard refuses it and nothing changes. */
function releaseUpgrade(next: Release | undefined, engine: EngineName): Fault[] {
  if (next === undefined) return [];
  const upgrade =
    'export DEBIAN_FRONTEND=noninteractive; apt-get -q update && apt-get -q -y -o Dpkg::Options::=--force-confold dist-upgrade';
  const boot: Fault = {
    name: `reboot after the upgrade to ${next}`,
    command: 'systemctl reboot',
    boots: true,
  };
  return engine === 'fwknop' && !FWKNOP_RELEASES.includes(next)
    ? [{ name: `upgrade to ${next}, which is refused`, command: `! (${upgrade})`, release: next }]
    : [{ name: `upgrade to ${next}`, command: upgrade, release: next, seconds: 1500 }, boot];
}

function unitFault(verb: (typeof VERBS)[number], unit: string): Fault {
  const command = verb === 'kill' ? `systemctl kill -s KILL ${unit} || :` : `systemctl ${verb} ${unit}`;
  return { name: `${verb} ${unit}`, command };
}

/** As a kernel or container does that takes no such namespaces: every start ends with 226/NAMESPACE. */
function refuseSandbox(unit: string): string {
  const dropIn = `/etc/systemd/system/${unit}.d/postern-sandbox.conf`;
  return `echo 'ReadWritePaths=/not/there' >>${dropIn}; systemctl daemon-reload; systemctl restart ${unit} || :`;
}

function reinstall(name: string): string {
  return `DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-confold --reinstall install ${name}`;
}
