import { DROP_IN } from '../sshd/conflicts.ts';
import type { HostSystem } from './host-system.ts';

/** Debian's package → what brings the same; EPEL's own package first, because the others are in that repository. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  knockd: ['epel-release', 'knock-server'],
  'libpam-google-authenticator': ['epel-release', 'google-authenticator'],
};

/** semanage, which tells SELinux on which ports sshd may listen. */
const ALWAYS = ['policycoreutils-python-utils'];

/** Debian's path → where the file is. */
const PATHS: Readonly<Record<string, string>> = {
  '/etc/default/knockd': '/etc/sysconfig/knockd',
  '/etc/systemd/system/ssh.service.d/postern.conf': '/etc/systemd/system/sshd.service.d/postern.conf',
};

const CRYPTO_POLICIES = `# Read before 50-redhat.conf, which includes the system's crypto-policy (40-redhat-crypto-policies.conf in version 10):
# the first value of a directive counts.
`;

/** RHEL 9 and 10 and what is built from them: Rocky Linux, AlmaLinux, CentOS Stream. */
export const rhel: HostSystem = {
  backend: 'firewalld',
  otherBackends: false,
  packages: (names) => [...new Set([...names.flatMap((name) => PACKAGES[name] ?? [name]), ...ALWAYS])],
  path: (path) => PATHS[path] ?? path,
  unit: (name) => name.replace(/^ssh\.(service|socket)$/, 'sshd.$1'),
  content(path, text) {
    if (path === DROP_IN) return text.replace('\n', `\n${CRYPTO_POLICIES}`);
    // EPEL's unit of knockd takes OPTIONS.
    if (path === '/etc/default/knockd') return text.replace('START_KNOCKD=1\nKNOCKD_OPTS=""', 'OPTIONS=""');
    return text;
  },
  labels: ({ ssh }) => (ssh.port === 22 ? [] : [`semanage port -a -t ssh_port_t -p tcp ${ssh.port}`]),
};
