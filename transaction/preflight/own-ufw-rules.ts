import { type Facts, sealedFirewall } from '../facts/facts.ts';

/**
 * Tells which of ufw's rules, as `ufw show added` has them, Postern put there itself. The host knows from the seal what it
 * was given; one that an earlier Postern sealed has only a comment for it. On a host that was never sealed none is.
 */
export function ownUfwRules(raw: Facts['raw']): (rule: string) => boolean {
  const own = raw.get('ufw_own');
  if (own !== undefined) {
    const known = new Set(own);
    return (rule) => known.has(rule);
  }
  return (rule) => sealedFirewall(raw) === 'ufw' && / comment 'postern: [^']*'$/.test(rule);
}
