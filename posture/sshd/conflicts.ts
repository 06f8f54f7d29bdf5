import type { ConfigLine } from './config-lines.ts';
import type { Setting } from './setting.ts';

/** The drop-in that Postern writes. */
export const DROP_IN = '/etc/ssh/sshd_config.d/00-postern.conf';

const INCLUDE = '/etc/ssh/sshd_config.d/*.conf';

/** Other names of directives that the drop-in sets. */
export const ALIASES: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
};

/** What a Match block could take from the users that the drop-in names, and the drop-in does not set. */
const SHUTTING_OUT = new Set(['allowgroups', 'denygroups', 'denyusers']);

/** Where a Match block that says `no` only takes away what nobody needs to get in. */
const MAY_BE_NO = new Set(['allowtcpforwarding', 'permitemptypasswords', 'x11forwarding']);

/**
 * What other files of sshd's configuration would add to the drop-in or override in it, although it is read first. Ports
 * add up over all files, users over all Match blocks, and a Match block means to win over everything outside of one, for
 * the users and addresses that it names: `sshd -T` shows neither. Each conflict is a sentence with file and line, and what to do.
 */
export function sshdConflicts(lines: readonly ConfigLine[], settings: readonly Setting[]): string[] {
  const others = lines.filter(({ file }) => file !== DROP_IN);
  return [
    ...inclusion(others),
    ...ports(others, settings),
    ...additions(others, settings),
    ...matches(others, settings),
  ];
}

function inclusion(lines: readonly ConfigLine[]): string[] {
  const include = lines.find(({ directive, value }) => directive === 'include' && value.includes(INCLUDE));
  if (include === undefined)
    return [
      `/etc/ssh/sshd_config does not include ${INCLUDE}, so a drop-in would be ignored; add the line at its top`,
    ];
  if (include.match === undefined) return [];
  return [
    `${at(include)} includes ${INCLUDE} inside "Match ${include.match}", so a drop-in would hold for some logins only; move the line to the top of the file`,
  ];
}

function ports(lines: readonly ConfigLine[], settings: readonly Setting[]): string[] {
  const wanted = settings.find(([directive]) => directive === 'Port')?.[1] ?? '';
  return lines.flatMap((line) => {
    const port = portOf(line);
    if (port === undefined || port === wanted) return [];
    return [
      `${at(line)} makes sshd listen on port ${port} besides ssh.port ${wanted}, because ports add up over files; remove the ${line.directive === 'port' ? 'line' : 'port from it'} (sshd stays where it is until it is restarted), or set ssh.port: ${port}`,
    ];
  });
}

function portOf({ directive, value }: ConfigLine): string | undefined {
  if (directive === 'port') return /^\d+/.exec(value)?.[0];
  // A bare IPv6 address has colons, too, but no port.
  if (directive === 'listenaddress') return /^(?:\[[^\]]*\]|[^:\s]*):(\d+)(?:\s|$)/.exec(value)?.[1];
  return undefined;
}

/** Users, host keys and penalties add up, too; the drop-in means to name all of them. */
function additions(lines: readonly ConfigLine[], settings: readonly Setting[]): string[] {
  return ['AllowUsers', 'HostKey', 'PerSourcePenalties'].flatMap((directive) => {
    const wanted = settings.filter(([name]) => name === directive).map(([, value]) => value);
    if (wanted.length === 0) return [];
    return lines
      .filter((line) => line.match === undefined && line.directive === directive.toLowerCase())
      .filter(({ value }) => value.split(/\s+/).some((word) => !wanted.includes(word)))
      .map(
        (line) =>
          `${at(line)} adds ${line.value} to Postern's ${directive} ${wanted.join(' ')}; remove the line`,
      );
  });
}

function matches(lines: readonly ConfigLine[], settings: readonly Setting[]): string[] {
  const promised = new Map<string, string>();
  for (const [directive, value] of settings) promised.set(directive.toLowerCase(), value);
  return lines.flatMap((line) => {
    if (line.match === undefined) return [];
    const name = ALIASES[line.directive] ?? line.directive;
    const wanted = promised.get(name);
    if (wanted === undefined && !SHUTTING_OUT.has(name)) return [];
    const value = line.value.toLowerCase();
    if (value === wanted?.toLowerCase() || (value === 'no' && MAY_BE_NO.has(name))) return [];
    return [
      `${at(line)} sets ${line.text} for "Match ${line.match}", against ${wanted === undefined ? 'what Postern sets for everybody' : `Postern's ${wanted}`}; remove it from the Match block`,
    ];
  });
}

/** Where a line stands, in words. */
export function at({ file, number }: ConfigLine): string {
  return `${file} line ${number}`;
}
