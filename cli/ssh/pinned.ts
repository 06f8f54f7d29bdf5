import type { HostOutput } from '../../components/outputs.ts';
import type { Identity } from '../../posture/schema/identity.ts';
import { usageError } from '../command-line/exit.ts';

/** One setting of ssh_config(5). */
export type Setting = readonly [keyword: string, value: string];

/** What a host's settings are made of. */
export interface PinnedHost {
  readonly host: Pick<HostOutput, 'user' | 'sshPort'>;
  /** The name that the host's keys stand under in the known_hosts file. */
  readonly alias: string;
  /** Path of the known_hosts file. */
  readonly knownHosts: string;
  /** A key file, or undefined for the operator's agent and default keys. */
  readonly identityFile: string | undefined;
}

/** The name that a host's keys stand under in known_hosts files: the same host name may occur in several stacks. */
export function keyAlias(stack: string, host: string): string {
  return `${host}.${shortName(stack)}.postern`;
}

/**
 * The last part of a stack's name, which may be `organisation/project/stack`. It names folders, so it is checked.
 *
 * @throws CommandError `usage` when it cannot be a stack's name.
 */
export function shortName(stack: string): string {
  const name = stack.split('/').at(-1) ?? '';
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name))
    throw usageError(`${JSON.stringify(stack)} is not a stack's name: letters, digits, and . _ - inside`);
  return name;
}

/** The settings under which ssh logs in as the administrator and talks to nobody but the pinned host. */
export function pinnedSettings({ host, alias, knownHosts, identityFile }: PinnedHost): Setting[] {
  return [
    ['User', host.user],
    ['Port', String(host.sshPort)],
    ['HostKeyAlias', alias],
    ['UserKnownHostsFile', quoted(knownHosts)],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['StrictHostKeyChecking', 'yes'],
    // Unknown to clients before OpenSSH 8.5.
    ['IgnoreUnknown', 'KnownHostsCommand'],
    ['KnownHostsCommand', 'none'],
    ['UpdateHostKeys', 'no'],
    ['VerifyHostKeyDNS', 'no'],
    ['CheckHostIP', 'no'],
    // A host with a second factor asks for its code after the key; others offer nothing but keys.
    ['PreferredAuthentications', 'publickey,keyboard-interactive'],
    ...(identityFile === undefined
      ? []
      : ([
          ['IdentityFile', quoted(identityFile)],
          ['IdentitiesOnly', 'yes'],
        ] as const)),
  ];
}

/** The file of an identity that is one. */
export function fileOf(identity: Identity | undefined): string | undefined {
  return identity !== undefined && 'file' in identity ? identity.file : undefined;
}

/** A path as ssh_config(5) takes it: in quotes, since it may hold spaces, and with `%` taken literally. */
export function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}
