import type { Posture } from '../schema/posture.ts';
import { accessSettings, loginSettings } from './access.ts';
import {
  AUTHORITIES,
  algorithms,
  chosen,
  GROUP_EXCHANGE,
  SIGNATURES,
  type SshdKnowledge,
} from './algorithms.ts';

import { asksForCode } from './second-factor.ts';
import type { Setting } from './setting.ts';

/** The host's Diffie-Hellman groups of at least 3071 bits, as the change picks them from its `/etc/ssh/moduli`. */
export const MODULI_FILE = '/etc/ssh/postern-moduli';

/** Directives that some builds lack (a distribution's patch, or newer than the host): set only where they are known. */
const WHERE_KNOWN: readonly Setting[] = [
  ['RequiredRSASize', '3072'],
  ['DebianBanner', 'no'],
  ['KerberosOrLocalPasswd', 'no'],
];

/** Ways to log in that some builds lack, as above. */
const AUTHENTICATIONS: readonly Setting[] = [
  ['GSSAPIAuthentication', 'no'],
  ['KerberosAuthentication', 'no'],
];

/**
 * On by default since OpenSSH 9.8: an address that failed to log in a few times, or connected without a login, as
 * whatever looks at a door does, is turned away for up to ten minutes, and with it everybody behind the same NAT. Behind a
 * knock and with keys alone that keeps out nobody but the owner.
 */
export function withoutPenalties(known?: SshdKnowledge): Setting[] {
  return (known?.directives.includes('persourcepenalties') ?? true) ? [['PerSourcePenalties', 'no']] : [];
}

/**
 * The front door's sshd settings, cut to what the host's sshd knows; without `known`, as in a preview, the whole wish,
 * as if it knew everything. Values are the union of ssh-audit's guides, dev-sec's baseline, CIS 5.1 and Mozilla's modern guideline where they agree; docs/decisions/0003 says what was chosen
 * where they don't.
 */
export function sshdSettings(posture: Posture, known?: SshdKnowledge): Setting[] {
  const { ssh, admin } = posture;
  const { kex, ciphers, macs } = algorithms(ssh.profile, known);
  const pick = (preferred: readonly string[], what: 'kex' | 'ciphers' | 'macs' | 'signatures') =>
    chosen(preferred, known?.[what]);
  const has = (directive: string) => known?.directives.includes(directive.toLowerCase()) ?? true;
  const factor = asksForCode(posture);
  const signatures = pick(SIGNATURES, 'signatures');
  // Without a file of our own the packaged one would be used, and that has groups of 2048 bits.
  const exchanges = kex.filter((name) => name !== GROUP_EXCHANGE || has('ModuliFile'));
  return [
    ['Port', String(ssh.port)],
    ['KexAlgorithms', pick(exchanges, 'kex')],
    ...(exchanges.includes(GROUP_EXCHANGE) ? [['ModuliFile', MODULI_FILE] as const] : []),
    ['Ciphers', pick(ciphers, 'ciphers')],
    ['MACs', pick(macs, 'macs')],
    ['HostKey', '/etc/ssh/ssh_host_ed25519_key'],
    ['HostKey', '/etc/ssh/ssh_host_rsa_key'],
    ['HostKeyAlgorithms', signatures],
    [has('PubkeyAcceptedAlgorithms') ? 'PubkeyAcceptedAlgorithms' : 'PubkeyAcceptedKeyTypes', signatures],
    ['CASignatureAlgorithms', pick(AUTHORITIES, 'signatures')],
    ['PubkeyAuthentication', 'yes'],
    ['AuthenticationMethods', factor ? 'publickey,keyboard-interactive:pam' : 'publickey'],
    ['PasswordAuthentication', 'no'],
    ['KbdInteractiveAuthentication', factor ? 'yes' : 'no'],
    // Before OpenSSH 8.7 a directive of its own, which turns keyboard-interactive on again if it is left on.
    ...(known?.directives.includes('challengeresponseauthentication') === true
      ? [['ChallengeResponseAuthentication', factor ? 'yes' : 'no'] as const]
      : []),
    ['PermitEmptyPasswords', 'no'],
    ['HostbasedAuthentication', 'no'],
    // Ubuntu 26.10 and Debian after 13 build OpenSSH without them.
    ...AUTHENTICATIONS.filter(([directive]) => has(directive)),
    ['IgnoreRhosts', 'yes'],
    ['IgnoreUserKnownHosts', 'yes'],
    ['StrictModes', 'yes'],
    ['UsePAM', 'yes'],
    ['PermitRootLogin', 'no'],
    ['AllowUsers', admin.user],
    ...accessSettings(ssh),
    ['MaxAuthTries', String(ssh.maxAuthTries)],
    // A session is also what ControlMaster multiplexes, so Lynis' 2 would break scp beside a shell; CIS allows 10.
    ['MaxSessions', '10'],
    ['MaxStartups', '10:30:60'],
    // Who has to find the telephone first needs longer; CIS allows 60.
    ['LoginGraceTime', factor ? '60' : '30'],
    ['ClientAliveInterval', String(ssh.clientAliveSeconds)],
    ['ClientAliveCountMax', '2'],
    ...(ssh.allowTcpForwarding ? [] : [['DisableForwarding', 'yes'] as const]),
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
    ...WHERE_KNOWN.filter(([directive]) => has(directive)),
    ...withoutPenalties(known),
  ];
}

/**
 * The drop-in's text. It is read first (`00-`), and sshd takes the first value it meets: outside of Match blocks, and anew
 * among those that match. What decides about a login stands in both places, so that no Match block of another file counts.
 */
export function sshdDropIn(settings: readonly Setting[]): string {
  const written = (some: readonly Setting[]) =>
    some.map(([directive, value]) => `${directive} ${value}\n`).join('');
  const login = loginSettings(settings);
  const everyLogin = `
# Once more, for every login: the first Match block that sets a directive wins over those of other files.
Match all
${written(login)}`;
  return `# Written by Postern; changed by the next change of its configuration.
${written(settings)}${login.length === 0 ? '' : everyLogin}`;
}
