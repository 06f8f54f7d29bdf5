import type { Posture } from '../../posture/schema/posture.ts';
import type { Facts } from '../facts/facts.ts';

/** What Debian's nftables.service runs, from 11 to 13. */
const PACKAGED: ReadonlyMap<string, string> = new Map([
  ['ExecStart', '/usr/sbin/nft -f /etc/nftables.conf'],
  ['ExecReload', '/usr/sbin/nft -f /etc/nftables.conf'],
  ['ExecStop', '/usr/sbin/nft flush ruleset'],
]);

/** How every line of Postern's own drop-in begins (server/units/nftables.conf). */
const OURS = '/bin/sh -euc . /usr/local/lib/postern/firewall; rules_behind';

/**
 * That the owner has nftables.service run something else than its package does: Postern's drop-in, which has to take the
 * place of those lines, would silently leave it out. Empty where they are the packaged ones or Postern's.
 */
export function nftablesServiceProblems(facts: Facts, posture: Posture): string[] {
  if (posture.firewall.backend !== 'nftables') return [];
  const files = inFiles(facts);
  // A file says where it comes from; what no file says, such as an edited unit of the package's, only systemd knows.
  const seen = files.length > 0 ? files : inForce(facts);
  if (seen.length === 0) return [];
  return [
    `nftables.service does not run what its package has it run: ${seen.join('; ')}. Postern puts lines of its own in their place, so that its rules outlast that unit, and what these do would silently not be done any more; put the rules into /etc/nftables.conf and remove the lines, or choose another firewall.backend`,
  ];
}

/** Lines in force, as systemd has read them, that are neither the packaged ones nor Postern's. */
function inForce(facts: Facts): string[] {
  if (facts.unit('nftables.service').load !== 'loaded') return [];
  const lines = facts.raw.get('nftables_exec') ?? [];
  return [...PACKAGED].flatMap(([key, packaged]) => {
    const commands = lines.filter((line) => line.startsWith(`${key}=`)).map(commandOf);
    const [only, ...more] = commands;
    const expected = only !== undefined && more.length === 0 && (only === packaged || only.startsWith(OURS));
    return expected ? [] : [`${key}=${commands.join(' and ')}`];
  });
}

/** `ExecStart={ path=… ; argv[]=COMMAND ; ignore_errors=… }` → the command. */
function commandOf(line: string): string {
  return / ; argv\[\]=(.*?) ; ignore_errors=/.exec(line)?.[1] ?? line;
}

/** What the owner's own files say, in force or hidden by Postern's; the last line of each file and kind counts. */
function inFiles({ raw }: Facts): string[] {
  const last = new Map<string, { readonly value: string; readonly kind: string }>();
  for (const line of raw.get('nftables_own') ?? []) {
    const [, file = '', kind = '', value = ''] = /^(.+?)=\s*(Exec\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    last.set(`${file} has ${kind}=`, { kind, value });
  }
  return [...last].flatMap(([place, { kind, value }]) =>
    value === PACKAGED.get(kind) ? [] : [`${place}${value}`],
  );
}
