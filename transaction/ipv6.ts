import { engineOf } from '../posture/knock/engines.ts';
import type { Posture } from '../posture/schema/posture.ts';
import { knockOpen } from '../remote/door.ts';
import type { Vantage } from '../remote/vantage.ts';
import type { LoginRoute } from './connect.ts';
import type { Facts } from './facts/facts.ts';
import type { Job } from './job.ts';

/** Whether a change is verified over IPv6. */
export interface Ipv6 {
  readonly verified: boolean;
  /** What is not verified, and why, as a sentence; undefined: it is, or the host has no IPv6 that is known of. */
  readonly gap: string | undefined;
}

/** Milliseconds in which a port that is open over IPv6 answers. */
const PATIENCE = 2000;

/** How often the door is knocked at over IPv6, to learn whether packets arrive that way. */
const ATTEMPTS = 3;

/** Decides whether a change is verified over IPv6, before it is made: as the configuration says, where IPv6 reaches the host. */
export async function ipv6Of(
  job: Job,
  facts: Facts,
  vantage: Vantage,
  route: Pick<LoginRoute, 'open' | 'target'>,
): Promise<Ipv6> {
  const { initialAccess, posture, previous } = job;
  const wish = posture.verify.ipv6;
  const { addressV6 } = initialAccess;
  if (wish === 'skip') return { verified: false, gap: skipped(job, facts) };
  if (addressV6 === undefined) return { verified: false, gap: unconfigured(job, facts) };
  const lost = previous?.verifiedV6 === true ? ', though it was when the host was last sealed' : '';
  const gap = (why: string): Ipv6 => ({
    verified: false,
    gap: `IPv6 is not verified${lost}: ${why}. Its rules cover IPv6, and nobody has looked. The next change from where IPv6 reaches ${addressV6} verifies it; with verify.ipv6: require, the next \`up\` does, or fails`,
  });
  if ((await vantage.localAddressFor(addressV6)) === undefined)
    return gap(`no route leads from ${vantage.name} to ${addressV6}`);
  // Behind its door the host is silent over IPv6 too, so what was proven last time decides, or the wish.
  if (previous?.verifiedV6 === true || wish === 'require') return { verified: true, gap: undefined };
  const reached =
    (await answers(job, facts, vantage, addressV6)) || (await opens(job, facts, vantage, route));
  if (reached) return { verified: true, gap: undefined };
  const knocked = route.open !== undefined && hearsV6(facts, posture) ? ', nor to a knock' : '';
  return gap(`${addressV6} answers at no port that is open over IPv4${knocked}`);
}

/** Whether the host's version of the engine hears knocks over IPv6. */
export function hearsV6(system: Pick<Facts, 'os' | 'version'>, { knock }: Posture): boolean {
  return engineOf(knock.engine).deafOverIpv6(system) === undefined;
}

/** The host's own IPv6 addresses that the configuration does not speak of, for a sentence; undefined: none. */
function unknownV6({ initialAccess }: Job, facts: Facts): { first: string; all: string } | undefined {
  const [found, ...more] = facts.addresses.filter((address) => address.includes(':'));
  const known = initialAccess.addressV6 !== undefined || initialAccess.address.includes(':');
  if (found === undefined || known) return undefined;
  return { first: found, all: `${found}${more.length === 0 ? '' : ` and ${more.length} more`}` };
}

function unconfigured(job: Job, facts: Facts): string | undefined {
  const found = unknownV6(job, facts);
  if (found === undefined) return undefined;
  return `the host has the IPv6 address ${found.all}, and the configuration has none: its rules cover IPv6, but nothing is verified over it. Set target.addressV6: ${found.first}, or verify.ipv6: skip`;
}

function skipped(job: Job, facts: Facts): string | undefined {
  const address = job.initialAccess.addressV6 ?? unknownV6(job, facts)?.all;
  return address === undefined
    ? undefined
    : `IPv6 (${address}) is not verified, because verify.ipv6 is skip: its rules cover IPv6, and nobody has looked`;
}

/** Whether a port answers over IPv6 that needs no knock: that of this session, or one that everybody may reach. */
async function answers({ posture }: Job, facts: Facts, vantage: Vantage, address: string): Promise<boolean> {
  const open = posture.firewall.rules.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port);
  const ports = [...new Set([facts.serverPort, ...open])];
  const states = await Promise.all(ports.map((port) => vantage.probeTcp(address, port, PATIENCE)));
  return states.some(({ state }) => state === 'open' || state === 'refused');
}

/** Whether the door that this session came in by opens over IPv6, too: a host that is sealed answers to nothing else. */
async function opens(
  { initialAccess, posture }: Job,
  facts: Facts,
  vantage: Vantage,
  { open, target }: Pick<LoginRoute, 'open' | 'target'>,
): Promise<boolean> {
  const { addressV6: address } = initialAccess;
  if (open === undefined || address === undefined || !hearsV6(facts, posture)) return false;
  // A machine that sends nothing over IPv6, such as one behind a VPN that rejects it, cannot verify it.
  return knockOpen({ vantage, address, port: target.port }, open, ATTEMPTS).catch(() => false);
}
