import { isIP } from 'node:net';
import { hostKeyAlgorithms } from './host-keys.ts';
import { offeredFirst } from './known-keys.ts';
import type { Hop } from './target.ts';

/** Where the things lie that a connection needs besides its {@link Hop}. */
export interface SshFiles {
  /** Name under which the pinned keys stand in the known_hosts file. */
  readonly alias: string;
  /** Path of the known_hosts file. */
  readonly knownHosts: string;
  /** Files of the hop's known public keys. */
  readonly knownKeys?: readonly string[] | undefined;
  /** Socket of the agent that holds the hop's private key, where it was given as one. */
  readonly agent?: string | undefined;
  /** ProxyCommand, already quoted for /bin/sh; undefined: a direct connection. */
  readonly proxy?: string | undefined;
  /** Local address to connect from. */
  readonly sourceAddress?: string | undefined;
  /** Seconds for connecting and the key exchange. */
  readonly timeoutSeconds: number;
}

// Given on the command line, where they take precedence over every configuration file. Whatever could accept another
// host key, ask somebody, send something along or run something besides is switched off here.
const always = [
  'IgnoreUnknown=*',
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'GlobalKnownHostsFile=/dev/null',
  'KnownHostsCommand=none',
  'VerifyHostKeyDNS=no',
  'UpdateHostKeys=no',
  'CheckHostIP=no',
  'HashKnownHosts=no',
  'VisualHostKey=no',
  'NoHostAuthenticationForLocalhost=no',
  // Kerberos would vouch for the host instead of its pinned key.
  'GSSAPIKeyExchange=no',
  'GSSAPIAuthentication=no',
  'HostbasedAuthentication=no',
  'PasswordAuthentication=no',
  'KbdInteractiveAuthentication=no',
  'NumberOfPasswordPrompts=0',
  'CanonicalizeHostname=no',
  'ProxyUseFdpass=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ClearAllForwardings=yes',
  'Tunnel=no',
  'PermitLocalCommand=no',
  'EnableEscapeCommandline=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'EscapeChar=none',
  'StdinNull=no',
  'ForkAfterAuthentication=no',
  'SessionType=default',
  'AddKeysToAgent=no',
  'ConnectionAttempts=1',
  'ControlPersist=no',
  'FingerprintHash=sha256',
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
  // The stages of the connection are read from it.
  'LogLevel=DEBUG1',
];

/**
 * For connections that carry nothing that has to stay secret for years, such as a login that is only a proof: the
 * post-quantum exchange that OpenSSH prefers costs the client several times as much. First, not alone: a server without
 * it is met as by any client.
 */
export const classicalKex: readonly string[] = ['-o', 'KexAlgorithms=^curve25519-sha256'];

/** Where a code is asked for, `SSH_ASKPASS` gives it; the first value of an option counts. */
const withCode = [
  'BatchMode=no',
  'KbdInteractiveAuthentication=yes',
  'NumberOfPasswordPrompts=1',
  'PreferredAuthentications=publickey,keyboard-interactive',
];

/** A value for `-o`: in quotes, since paths may hold spaces, and with `%` taken literally. */
function literal(value: string): string {
  return `"${value.replaceAll('%', '%%')}"`;
}

function identityArguments(hop: Hop, places: SshFiles): string[] {
  if (hop.identity === undefined)
    return [
      ...offeredFirst(places.knownKeys ?? []).flatMap((file) => ['-o', `IdentityFile=${literal(file)}`]),
      ...['-o', 'PubkeyAuthentication=yes', '-o', 'PreferredAuthentications=publickey'],
    ];
  const key =
    places.agent === undefined && 'file' in hop.identity
      ? ['-o', `IdentityFile=${literal(hop.identity.file)}`, '-o', 'IdentitiesOnly=yes']
      : [
          '-o',
          `IdentityAgent=${literal(places.agent ?? 'none')}`,
          '-o',
          'IdentityFile=none',
          '-o',
          'IdentitiesOnly=no',
        ];
  // An explicit identity means this one and nothing else: no configuration file that could add another.
  return ['-F', 'none', ...key, '-o', 'PreferredAuthentications=publickey'];
}

/** Arguments of ssh for a connection to `hop`, up to and including the host; a remote command may follow. */
export function sshArguments(hop: Hop, places: SshFiles, more: readonly string[] = []): string[] {
  const family = isIP(hop.address);
  const options = [
    ...more,
    ...(hop.totp === undefined ? [] : withCode),
    ...always,
    `ConnectTimeout=${Math.max(1, Math.ceil(places.timeoutSeconds))}`,
    `UserKnownHostsFile=${literal(places.knownHosts)}`,
    `HostKeyAlias=${places.alias}`,
    `HostKeyAlgorithms=${hostKeyAlgorithms(hop.hostKeys)}`,
    `HostName=${hop.address}`,
    `Port=${hop.port}`,
    `User=${hop.user}`,
    `AddressFamily=${family === 4 ? 'inet' : family === 6 ? 'inet6' : 'any'}`,
    // ProxyCommand=none is what keeps a ProxyJump of the user's configuration out as well.
    `ProxyCommand=${places.proxy ?? 'none'}`,
  ];
  const source = places.sourceAddress === undefined ? [] : ['-b', places.sourceAddress];
  return [
    ...options.flatMap((option) => ['-o', option]),
    ...identityArguments(hop, places),
    ...source,
    '-T',
    '--',
    hop.address,
  ];
}
