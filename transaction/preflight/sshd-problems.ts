import type { Posture } from '../../posture/schema/posture.ts';
import { algorithms, SIGNATURES, type SshdKnowledge } from '../../posture/sshd/algorithms.ts';
import { closedAccess } from '../../posture/sshd/closed-access.ts';
import { configLines } from '../../posture/sshd/config-lines.ts';
import { sshdConflicts } from '../../posture/sshd/conflicts.ts';
import { sshdSettings } from '../../posture/sshd/settings.ts';
import type { Facts } from '../facts/facts.ts';
import { overridingCommands } from './sshd-command.ts';

/** What about a host's sshd makes a change impossible or unsafe; each a sentence that says what was seen and what to do. */
export function sshdProblems({ raw, known, sshPorts }: Facts, posture: Posture): string[] {
  const error = raw.get('sshd_error')?.[0];
  if (error !== undefined) return [`sshd refuses its own present configuration (${error}); repair it first`];
  // By its client a host says which algorithms its OpenSSH has.
  if (known.kex.length === 0)
    return [
      'the host has no OpenSSH client, which alone says what its sshd knows (ssh -Q answered nothing); install openssh-client',
    ];
  const holders = raw.get('sshd_holder') ?? [];
  const unknown = unknownAlgorithms(posture, known);
  // Without them there are no settings to compare anything with.
  if (unknown.length > 0) return unknown;
  return [
    ...(holders.length === 0
      ? []
      : [
          `systemd listens for sshd there, and sessions of sshd keep that socket (process ${holders.join(', ')}; a fault of Ubuntu's openssh before 1:9.6p1-3ubuntu13.6): no daemon could have the port until they end. Run apt-get install openssh-server there and reboot the host, or end these processes`,
        ]),
    ...(sshPorts.includes(posture.backup.port)
      ? [
          `backup.port is ${posture.backup.port}, and the host's sshd listens there now, until ssh.port ${posture.ssh.port} is in force; take another backup.port for this change, after it ${posture.backup.port} is free`,
        ]
      : []),
    ...sshdConflicts(configLines(raw.get('sshd_line') ?? []), sshdSettings(posture, known)),
    ...overridingCommands(raw, sshdSettings(posture, known)).map(
      ({ command, options }) =>
        `sshd is started with ${options.join(' and ')} (${command}), which wins over its files; take that out of its unit and of /etc/default/ssh (/etc/sysconfig/sshd), and restart it`,
    ),
    ...nologin(raw).map((file) => `${file} forbids logins; remove it`),
    ...(raw.has('hosts_deny') ? ['/etc/hosts.deny blocks sshd; remove the entry'] : []),
  ];
}

/** Kinds of algorithms of which the host's OpenSSH has none that the profile takes. */
function unknownAlgorithms({ ssh: { profile } }: Posture, known: SshdKnowledge): string[] {
  const { kex, ciphers, macs } = algorithms(profile, known);
  // All profiles take the same ciphers, MACs and signatures, but for the MACs of `compatible`.
  const others = (['modern', 'compatible'] as const).filter((name) => name !== profile);
  const fitting = (kind: 'kex' | 'macs') =>
    others.filter((name) => algorithms(name, known)[kind].some((each) => known[kind].includes(each)));
  const kinds = [
    ['key exchanges', kex, known.kex, fitting('kex')],
    ['ciphers', ciphers, known.ciphers, []],
    ['MACs', macs, known.macs, fitting('macs')],
    ['signatures', SIGNATURES, known.signatures, []],
  ] as const;
  return kinds
    .filter(([, wanted, has]) => !wanted.some((name) => has.includes(name)))
    .map(
      ([kind, wanted, , fits]) =>
        `ssh.profile is ${profile}, and the host's OpenSSH knows none of its ${kind} (${wanted.join(', ')}); take ${[...fits.slice(0, 1), 'a newer release'].join(', or ')}`,
    );
}

/** Below it only root may listen (Linux, ip_unprivileged_port_start as it comes). */
const PRIVILEGED = 1024;

/** What the change ends or leaves of other ways in by sshd, told before anything is written. */
export function sshdWarnings({ raw, known }: Facts, posture: Posture): string[] {
  const passed = posture.firewall.rules.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port);
  const others = (raw.get('sshd_other') ?? []).map((line) => line.split(' '));
  return [
    ...(posture.ssh.port < PRIVILEGED
      ? []
      : [
          `any user of the host may listen on ssh.port ${posture.ssh.port} while sshd restarts, as an upgrade of it makes it, and would keep you out for as long; where the host has users that you do not trust, take a port below ${PRIVILEGED}`,
        ]),
    ...closedAccess(configLines(raw.get('sshd_line') ?? []), sshdSettings(posture, known)),
    ...others
      .filter(([port]) => passed.includes(Number(port)))
      .map(
        ([port, ...unit]) =>
          `another sshd (${unit.join(' ')}) listens on port ${port}, which firewall.rules opens: it answers without a knock, and whom it lets in is up to its own configuration`,
      ),
  ];
}

/** Files that forbid logins; that of /run is there also while the host boots, and goes by itself. */
function nologin(raw: Facts['raw']): string[] {
  const booting = ['initializing', 'starting'].includes(raw.get('booted')?.[0] ?? '');
  return (raw.get('nologin') ?? []).filter((file) => !(booting && file.startsWith('/run/')));
}
