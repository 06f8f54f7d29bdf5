import { excerpt } from '../../remote/sanitise.ts';

/** What a host has in force instead of rules that it could not load (transaction/server/host/firewall/closed.sh). */
export interface Fallback {
  /** When it began, UTC (ISO 8601); empty where nothing of Postern's programs was left that could tell. */
  readonly since: string;
  /** `copy`: the sealed copy of the whole posture; `pieces`: what the kernel takes of it; `least`: next to nothing. */
  readonly level: string;
  /** What could not be loaded, as the host says it. */
  readonly reason: string;
}

/** Prints what {@link readFallback} reads, nothing where the rules are in force; for root on the host. */
export const fallbackCommand: readonly string[] = ['sh', '-c', 'cat /run/postern/fallback 2>/dev/null || :'];

/** Reads the host's own words. Undefined where its rules are in force. */
export function readFallback(text: string): Fallback | undefined {
  const word = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const level = word('level');
  if (level === '') return undefined;
  return { since: excerpt(word('since'), 40), level, reason: excerpt(word('reason'), 400) };
}

/** What happened, and what the host is doing now. */
export function fallbackWords({ since, level, reason }: Fallback): string {
  const when = since === '' ? '' : ` since ${since}`;
  return `the host could not load its firewall rules${when}: ${reason}. ${inForce(level)}`;
}

/** What to type. */
export function fallbackAdvice(stack: string): string {
  return `npx pulumi up -s ${stack} --refresh finds what differs and mends it.`;
}

function inForce(level: string): string {
  if (level === 'copy')
    return 'It uses the sealed copy of its posture instead: everything else is dropped, and the knock opens the door; rules of its own are not in force';
  const owners = 'the ssh port is open without a knock for the last known addresses of its owner';
  if (level === 'pieces')
    return `It uses what the kernel takes of the sealed copy instead: everything else is dropped, and ${owners}`;
  return `It drops all new connections instead, but ${owners}`;
}
