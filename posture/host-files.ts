import { allBackends, backendOf } from './firewall/backends.ts';
import { CLOSED_PATHS, CLOSED_RULES, closedFiles } from './firewall/closed.ts';
import { DEFAULT_ZONE, zonePath } from './firewall/firewalld.ts';
import { allEngines, engineOf } from './knock/engines.ts';
import type { Sequences } from './knock/sequence.ts';
import type { Posture } from './schema/posture.ts';
import { DROP_IN } from './sshd/conflicts.ts';
import { asksForCode, PAM_SSHD, pamLines, TOTP_FILE } from './sshd/second-factor.ts';
import { MODULI_FILE, sshdDropIn, sshdSettings } from './sshd/settings.ts';
import { systemOf } from './system/systems.ts';

const HEAD = '# Written by Postern; changed by the next change of its configuration.\n';

/** authorized_keys(5) of the administrator: the configured keys and no others. */
export function authorizedKeys(posture: Posture): string {
  return `${posture.admin.authorizedKeys.join('\n')}\n`;
}

/** sudoers(5) drop-in. */
export function sudoers(posture: Posture): string {
  return `${HEAD}${sudoersRule(posture.admin.user)}\n`;
}

/** What the administrator may do by sudo: all, without a password, because the account has none. */
export function sudoersRule(user: string): string {
  return `${user} ALL=(ALL:ALL) NOPASSWD: ALL`;
}

/** What the door program on the host has to know. */
export function doorConf(posture: Posture): string {
  const { knock, ssh } = posture;
  return `${HEAD}engine=${knock.engine}\ndoor=${knock.door}\nssh_port=${ssh.port}\nopen_seconds=${knock.openSeconds}\ninterface=${knock.interface ?? ''}\n`;
}

/** Packages of the distribution that a posture needs on its host. */
export function packagesOf(posture: Posture): string[] {
  const factor = asksForCode(posture) ? ['libpam-google-authenticator'] : [];
  const { packages } = backendOf(posture.firewall.backend);
  const engine = engineOf(posture.knock.engine).packages;
  return systemOf(posture).packages([...packages, ...engine, 'sudo', ...factor]);
}

/** Programs and units of Postern's own, which every sealed host has. */
const OWN_PATHS = [
  '/etc/postern/door.conf',
  '/usr/local/lib/postern/door',
  '/usr/local/lib/postern/firewall',
  // Before the program that it names.
  '/etc/apt/apt.conf.d/60postern',
  '/usr/local/lib/postern/guard',
  '/etc/systemd/system/postern-firewall.service',
  '/etc/systemd/system/postern-guard.service',
  '/etc/systemd/system/postern-guard.timer',
  '/usr/local/lib/postern/closed',
  '/etc/systemd/system/postern-closed.service',
  '/etc/systemd/system/ssh.service.d/postern.conf',
  ...CLOSED_PATHS,
];

/**
 * Every path on the host that a change may write, so that the snapshot holds it.
 *
 * @param home the administrator's home folder.
 * @param posture whose system decides where some of them are.
 * @param zone firewalld's zone of the host's interface.
 */
export function touchedPaths(
  home: string,
  posture: Pick<Posture, 'system'>,
  zone: string = DEFAULT_ZONE,
): string[] {
  const paths = [
    DROP_IN,
    // There only while a change is.
    '/etc/ssh/sshd_config.d/00-postern-change.conf',
    MODULI_FILE,
    PAM_SSHD,
    TOTP_FILE,
    ...['ed25519', 'rsa'].flatMap((type) => [
      `/etc/ssh/ssh_host_${type}_key`,
      `/etc/ssh/ssh_host_${type}_key.pub`,
    ]),
    '/etc/sudoers.d/postern',
    `${home}/.ssh/authorized_keys`,
    ...allEngines().flatMap(({ paths }) => paths),
    ...allBackends().flatMap(({ paths }) => paths),
    zonePath(zone),
    ...OWN_PATHS,
  ];
  return [...new Set(paths.map(systemOf(posture).path))];
}

/** Units whose state a change may alter. */
export function touchedUnits(posture: Pick<Posture, 'system'>): string[] {
  const units = [
    // First, so that a rollback stops it before it stops what this looks after.
    'postern-guard.timer',
    'postern-guard.service',
    'ssh.service',
    'ssh.socket',
    ...allBackends().flatMap(({ units }) => units),
    ...allEngines().flatMap(({ units }) => units),
    'postern-firewall.service',
    'postern-closed.service',
  ];
  return units.map(systemOf(posture).unit);
}

/**
 * What a reviewer sees of a posture in `pulumi preview`: each file by its path, as far as it is not secret. The sshd
 * drop-in is shown as if the host's sshd knew every algorithm; the host's own answer cuts the lists.
 */
export function reviewFiles(posture: Posture): Record<string, string> {
  const { path, content } = systemOf(posture);
  const files = {
    [DROP_IN]: sshdDropIn(sshdSettings(posture)),
    '/etc/sudoers.d/postern': sudoers(posture),
    [`~${posture.admin.user}/.ssh/authorized_keys`]: authorizedKeys(posture),
    '/etc/postern/door.conf': doorConf(posture),
    ...backendOf(posture.firewall.backend).files(posture),
    ...engineOf(posture.knock.engine).review(posture),
    ...(asksForCode(posture) ? { [PAM_SSHD]: pamLines(posture) } : {}),
  };
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [path(name), content(name, text)]));
}

/** The firewall rules in the backend's own words, and what SELinux has to be told besides; for review. */
export function reviewRules(posture: Posture): string[] {
  return [...firewallRules(posture), ...systemOf(posture).labels(posture)];
}

/** The firewall rules in the backend's own words, for review and for the host. */
export function firewallRules(posture: Posture): string[] {
  return backendOf(posture.firewall.backend).rules(posture);
}

/** Files that the host gets as they are (mode 0600), by their path. Secret: those of the knock engine are among them. */
function plainFiles(posture: Posture, sequences: Sequences): Readonly<Record<string, string>> {
  const { path, content } = systemOf(posture);
  const backend = backendOf(posture.firewall.backend);
  const knockFiles = engineOf(posture.knock.engine).files(posture, sequences);
  const files = {
    ...backend.files(posture),
    ...knockFiles,
    ...closedFiles(posture, backend, knockFiles),
  };
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [path(name), content(name, text)]));
}

/**
 * What becomes of the firewall's and the knock engine's files, one a line: `install <name> <path>`, the name being below
 * the payload's `files/`, or `remove <path>` for files of Postern's own that only another engine or firewall has.
 */
export function plainFileList(posture: Posture, sequences: Sequences): string {
  const wanted = Object.keys(plainFiles(posture, sequences));
  const own = allEngines()
    .flatMap(({ paths }) => paths)
    .filter((path) => path.startsWith('/etc/postern/'));
  const stale = [...new Set([...own, ...CLOSED_RULES])].filter((path) => !wanted.includes(path));
  return [
    ...stale.map((path) => `remove ${path}\n`),
    ...wanted.map((path) => `install ${payloadName(path)} ${path}\n`),
  ].join('');
}

function payloadName(path: string): string {
  return `plain${path}`;
}

/** Rendered contents by the name under which the agent on the host finds them. Secret: the knock engine's are among them. */
export function payloadFiles(posture: Posture, sequences: Sequences): Record<string, string> {
  return {
    authorized_keys: authorizedKeys(posture),
    sudoers: sudoers(posture),
    'door.conf': doorConf(posture),
    ...Object.fromEntries(
      Object.entries(plainFiles(posture, sequences)).map(([path, content]) => [payloadName(path), content]),
    ),
    'firewall.rules': `${firewallRules(posture).join('\n')}\n`,
  };
}
