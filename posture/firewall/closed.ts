import type { Posture } from '../schema/posture.ts';
import type { FirewallBackend } from './backend.ts';
import { inputRules } from './iptables.ts';
import { nftRules } from './nftables.ts';

/** Folder of the sealed copy on a host, for root alone: what is put in force where the ordinary rules cannot be. */
const FOLDER = '/var/lib/postern/closed';

/** Names of rules in the sealed copy, of every mechanism and engine. */
const RULES = ['rules.nft', 'rules.v4', 'rules.v6', 'knock.nft', 'knock.v4', 'knock.v6'];

/** Every path of the sealed copy that a change may write: rules, programs, what they read, and their sums. */
export const CLOSED_PATHS: readonly string[] = [
  ...RULES,
  ...['door.conf', 'firewall', 'door', 'closed', 'sources', 'knockers', 'sums'],
].map(inFolder);

/** Those of rules, of which a change removes what its posture does not have. */
export const CLOSED_RULES: readonly string[] = RULES.map(inFolder);

/**
 * The sealed copy of a posture's rules, by absolute path: the whole posture without a manager, for ufw and firewalld too,
 * so that it depends on nothing but the kernel. Rules of the host's own are not in it. Secret: {@link knockFiles} are in it.
 *
 * @param knockFiles the engine's files, by absolute path.
 */
export function closedFiles(
  posture: Posture,
  { mechanism }: FirewallBackend,
  knockFiles: Readonly<Record<string, string>>,
): Record<string, string> {
  const strict: Posture = { ...posture, firewall: { ...posture.firewall, foreignRules: 'refuse' } };
  const rules =
    mechanism === 'nftables'
      ? { 'rules.nft': nftRules(strict, inFolder('knock.nft')) }
      : { 'rules.v4': inputRules(strict, 4), 'rules.v6': inputRules(strict, 6) };
  const knocks = Object.entries(knockFiles).flatMap(([path, text]) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return RULES.includes(name) ? [[inFolder(name), text]] : [];
  });
  return {
    ...Object.fromEntries(Object.entries(rules).map(([name, text]) => [inFolder(name), text])),
    ...Object.fromEntries(knocks),
  };
}

function inFolder(name: string): string {
  return `${FOLDER}/${name}`;
}
