import type { Posture } from '../schema/posture.ts';
import { chosen, MODERN, type SshdKnowledge } from './algorithms.ts';

/** One directive of sshd_config(5) and its value. */
export type Setting = readonly [directive: string, value: string];

/** Directives that some builds lack (a distribution's patch, or newer than the host): set only where they are known. */
const WHERE_KNOWN: readonly Setting[] = [
  ['RequiredRSASize', '3072'],
  ['DebianBanner', 'no'],
];

/** What a preview shows: the whole wish, as if the host's sshd knew everything. */
const KNOWS_EVERYTHING: SshdKnowledge = {
  kex: MODERN.kex,
  ciphers: MODERN.ciphers,
  macs: MODERN.macs,
  signatures: MODERN.signatures,
  directives: WHERE_KNOWN.map(([directive]) => directive.toLowerCase()),
};

/**
 * The front door's sshd settings, cut to what the host's sshd knows. Values are the union of ssh-audit's guides,
 * dev-sec's baseline, CIS 5.1 and Mozilla's modern guideline where they agree; docs/decisions/0003 says what was chosen
 * where they don't.
 */
export function sshdSettings(posture: Posture, known: SshdKnowledge = KNOWS_EVERYTHING): Setting[] {
  const { ssh, admin } = posture;
  const signatures = chosen(MODERN.signatures, known.signatures);
  return [
    ['Port', String(ssh.port)],
    ['KexAlgorithms', chosen(MODERN.kex, known.kex)],
    ['Ciphers', chosen(MODERN.ciphers, known.ciphers)],
    ['MACs', chosen(MODERN.macs, known.macs)],
    ['HostKey', '/etc/ssh/ssh_host_ed25519_key'],
    ['HostKey', '/etc/ssh/ssh_host_rsa_key'],
    ['HostKeyAlgorithms', signatures],
    ['PubkeyAcceptedAlgorithms', signatures],
    ['CASignatureAlgorithms', chosen(MODERN.casignatures, known.signatures)],
    ['PubkeyAuthentication', 'yes'],
    ['AuthenticationMethods', 'publickey'],
    ['PasswordAuthentication', 'no'],
    ['KbdInteractiveAuthentication', 'no'],
    ['PermitEmptyPasswords', 'no'],
    ['HostbasedAuthentication', 'no'],
    ['GSSAPIAuthentication', 'no'],
    ['KerberosAuthentication', 'no'],
    ['IgnoreRhosts', 'yes'],
    ['StrictModes', 'yes'],
    ['UsePAM', 'yes'],
    ['PermitRootLogin', 'no'],
    ['AllowUsers', admin.user],
    ['AuthorizedKeysFile', '.ssh/authorized_keys'],
    ['MaxAuthTries', String(ssh.maxAuthTries)],
    // A session is also what ControlMaster multiplexes, so Lynis' 2 would break scp beside a shell; CIS allows 10.
    ['MaxSessions', '10'],
    ['MaxStartups', '10:30:60'],
    ['LoginGraceTime', '30'],
    ['ClientAliveInterval', String(ssh.clientAliveSeconds)],
    ['ClientAliveCountMax', '2'],
    ['AllowTcpForwarding', ssh.allowTcpForwarding ? 'yes' : 'no'],
    ['AllowAgentForwarding', 'no'],
    ['AllowStreamLocalForwarding', 'no'],
    ['GatewayPorts', 'no'],
    ['PermitTunnel', 'no'],
    ['X11Forwarding', 'no'],
    ['PermitUserEnvironment', 'no'],
    ['Compression', 'no'],
    ['TCPKeepAlive', 'no'],
    ['UseDNS', 'no'],
    ['LogLevel', 'VERBOSE'],
    ...WHERE_KNOWN.filter(([directive]) => known.directives.includes(directive.toLowerCase())),
  ];
}

/** The drop-in's text. It is read first (`00-`), and sshd takes the first value it meets. */
export function sshdDropIn(settings: readonly Setting[]): string {
  const lines = settings.map(([directive, value]) => `${directive} ${value}`);
  return `# Written by Postern; changed by the next change of its configuration.\n${lines.join('\n')}\n`;
}
