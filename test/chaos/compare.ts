import type { LabVps } from '../../lab/vps.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { ask, shutDoors } from './host.ts';

/** A host's state and what is installed on it. */
export interface Picture {
  readonly lines: readonly string[];
  readonly packages: ReadonlySet<string>;
}

/** Takes a host's picture. */
export async function pictureOf(vps: LabVps): Promise<Picture> {
  await shutDoors(vps);
  const list = (await ask(vps, 'dpkg --get-selections | cut -f1')) ?? '';
  return { lines: await fingerprint(vps), packages: new Set(list.split('\n').filter(Boolean)) };
}

/** What new packages, which stay after a rollback, do not bring: the rest of a host is too much to tell apart. */
const NOT_OF_PACKAGES =
  /^(listen|passwd|nft) |^(file|dir|link) (\/etc\/(ssh|postern|sudoers\.d)|\/root|\/home|\/usr\/local\/(s?bin|lib)|\S*postern)/;

/** Users of the system that packages make, or systemd for them at a boot: they stay with them. */
const OF_PACKAGES = /^\+passwd [^:]+:x:[1-9]\d{2}:.*(nologin|false)$/;

/** The administrator stays when a host is given back, with a home but without keys. */
const ADMINISTRATOR =
  /^[+-](passwd ops:|(file|dir|link) (\/home\/ops|\/etc\/(passwd|shadow|group|gshadow|subuid|subgid) ))/;

/**
 * Rules that come and go without anybody's changing them: who has knocked, and tables without a rule, which iptables makes when it
 * is asked something and a boot does not bring back; and whether systemd has noticed that the timer of a change was disabled, whose
 * link is compared itself.
 */
const FLEETING =
  /^unit postern-undo\.timer |^nft inet postern (door|open|last|seen|step)\S* \d+ .*elements = |^nft ip6? (filter|mangle|nat|raw)( (INPUT|FORWARD|OUTPUT)( 0 \s*type filter hook \w+ priority filter; policy accept;)?)?$/;

/** Where a host differs from what it was; packages that came meanwhile do not count, nor, where it was given back, its administrator. */
export async function changesSince(vps: LabVps, before: Picture, givenBack: boolean): Promise<string[]> {
  const now = await pictureOf(vps);
  const came = [...now.packages].some((name) => !before.packages.has(name));
  const counts = (line: string) =>
    !FLEETING.test(line.slice(1)) &&
    (!came || (NOT_OF_PACKAGES.test(line.slice(1)) && !OF_PACKAGES.test(line))) &&
    (!givenBack || !ADMINISTRATOR.test(line) || line.includes('authorized_keys'));
  return difference(before.lines, now.lines).filter(counts);
}
