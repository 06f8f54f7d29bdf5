import { allBackends, backendOf } from './firewall/backends.ts';
import { DEFAULT_ZONE, zonePath } from './firewall/firewalld.ts';
import { knockdConf } from './knock/knockd.ts';
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

/** sudoers(5) drop-in: without a password, because the administrator has none. */
export function sudoers(posture: Posture): string {
  return `${HEAD}${posture.admin.user} ALL=(ALL:ALL) NOPASSWD: ALL\n`;
}

/** What the door program on the host has to know. */
export function doorConf(posture: Posture): string {
  const { knock, ssh } = posture;
  return `${HEAD}door=${knock.door}\nssh_port=${ssh.port}\nopen_seconds=${knock.openSeconds}\ninterface=${knock.interface ?? ''}\n`;
}

/** /etc/default/knockd, as Debian's init script and unit read it; the interface is found at each start. */
export function knockdDefault(): string {
  return `${HEAD}START_KNOCKD=1\nKNOCKD_OPTS=""\n`;
}

/** Packages of the distribution that a posture needs on its host. */
export function packagesOf(posture: Posture): string[] {
  const factor = asksForCode(posture) ? ['libpam-google-authenticator'] : [];
  const { packages } = backendOf(posture.firewall.backend);
  return systemOf(posture).packages([...packages, posture.knock.engine, 'sudo', ...factor]);
}

/** Programs and units of Postern's own, which every sealed host has. */
const OWN_PATHS = [
  '/etc/postern/door.conf',
  '/usr/local/lib/postern/door',
  '/usr/local/lib/postern/firewall',
  '/usr/local/lib/postern/knock-interface',
  '/etc/systemd/system/postern-firewall.service',
  '/etc/systemd/system/knockd.service.d/postern.conf',
  '/etc/systemd/system/ssh.service.d/postern.conf',
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
    '/etc/knockd.conf',
    '/etc/default/knockd',
    ...allBackends().flatMap(({ paths }) => paths),
    zonePath(zone),
    ...OWN_PATHS,
  ];
  return [...new Set(paths.map(systemOf(posture).path))];
}

/** Units whose state a change may alter. */
export function touchedUnits(posture: Pick<Posture, 'system'>): string[] {
  const units = [
    'ssh.service',
    'ssh.socket',
    ...allBackends().flatMap(({ units }) => units),
    'knockd.service',
    'postern-firewall.service',
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
    '/etc/default/knockd': knockdDefault(),
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

/** Names, below the payload's `files/`, of the firewall's files, with the path that each is installed at; one a line. */
export function firewallFileList(posture: Posture): string {
  return Object.keys(backendOf(posture.firewall.backend).files(posture))
    .map((path) => `${payloadName(path)} ${path}\n`)
    .join('');
}

function payloadName(path: string): string {
  return `firewall${path}`;
}

/** Rendered contents by the name under which the agent on the host finds them. Secret: knockd.conf is among them. */
export function payloadFiles(posture: Posture, sequences: Sequences): Record<string, string> {
  return {
    authorized_keys: authorizedKeys(posture),
    sudoers: sudoers(posture),
    'door.conf': doorConf(posture),
    ...Object.fromEntries(
      Object.entries(backendOf(posture.firewall.backend).files(posture)).map(([path, content]) => [
        payloadName(path),
        content,
      ]),
    ),
    'firewall.rules': `${firewallRules(posture).join('\n')}\n`,
    'knockd.conf': knockdConf(posture, sequences),
    'knockd.default': systemOf(posture).content('/etc/default/knockd', knockdDefault()),
  };
}
