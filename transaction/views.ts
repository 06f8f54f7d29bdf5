import { silenceTimeout } from '../remote/probe.ts';
import { firstGap } from '../remote/sending.ts';
import { doorKey } from '../remote/turn.ts';
import type { Vantage } from '../remote/vantage.ts';
import { hearsV6 } from './ipv6.ts';
import type { Job } from './job.ts';
import { ownUfwRules } from './own-ufw-rules.ts';
import type { Plan } from './plan.ts';
import { oneAtATime, type View } from './verify/view.ts';

/** Milliseconds: many times what a kernel takes to answer that has answered within a tenth of it just before. */
const LEAST_HUSH = 100;

/** How the host is looked at from outside: one view for each address family that is verified. */
export interface Views {
  /** The family that the deployer came in by. */
  readonly main: View;
  readonly others: readonly View[];
}

/** What the front door is called that these look at, for whoever takes turns at it. */
export function doorKeys({ name }: Vantage, { main, others }: Views): string[] {
  return [main, ...others].map(({ address, posture }) => doorKey(name, address, posture.ssh.port));
}

/** Seconds in which any host that is not busy has switched: the slowest of the bench, firewalld on three busy ones, took 3. */
const USUAL_SWITCH = 4;

/** How many times longer than usual a host takes, by the seconds of its switch. At most 20: nobody waits for ever. */
export function slownessOf(seconds: number): number {
  return Math.min(20, Math.max(1, seconds / USUAL_SWITCH));
}

/**
 * The views of a host.
 *
 * @param rtt a measured round trip to it, in milliseconds.
 * @param slowness see {@link slownessOf}.
 */
export async function viewsOf(
  job: Job,
  plan: Plan,
  vantage: Vantage,
  v6: boolean,
  rtt: number | undefined,
  slowness = 1,
): Promise<Views> {
  const { posture, first } = job;
  const { silenceMilliseconds } = posture.verify;
  const silence = silenceMilliseconds ?? silenceTimeout(rtt);
  const hush = silenceMilliseconds ?? silenceTimeout(rtt, LEAST_HUSH);
  const closed = [...new Set([22, first.port, ...plan.facts.sshPorts])].filter(
    (port) => port !== posture.backup.port,
  );
  const alone = oneAtATime();
  const view = (address: string, source: string): View => ({
    family: address.includes(':') ? 6 : 4,
    address,
    hears: !address.includes(':') || hearsV6(plan.facts, posture),
    vantage,
    posture,
    sequences: job.sequences,
    roundTrip: rtt,
    silence,
    hush,
    slowness,
    gap: firstGap(rtt),
    alone,
    closed,
    source,
    kept: keptRules(plan),
  });
  const main = await vantage.resolve(first.address, first.address.includes(':') ? 6 : 4);
  // The host has seen the source of the family it was entered by, whatever translates addresses on the way.
  const seen = view(main, plan.facts.deployerAddress);
  if (!v6 || first.addressV6 === undefined) return { main: seen, others: [] };
  return {
    main: seen,
    others: [view(first.addressV6, (await vantage.sourceTowards(first.addressV6)) ?? '')],
  };
}

/** What of the host's own rules stays in force; a line that is no rule stands for what can't be read, and may do anything. */
function keptRules({ posture, facts: { raw } }: Plan): string[] {
  const { backend, foreignRules } = posture.firewall;
  if (foreignRules === 'refuse') return [];
  const unread = {
    ufw: raw.get('ufw_edited') ?? [],
    firewalld: ['other zones and policies'],
    iptables: [],
    nftables: [],
  }[backend];
  const tables = (raw.get('nft_table') ?? []).map((table) => `nftables table ${table}`);
  const rules = ['ufw_rule', 'filter_rule', 'nat_rule', 'nat6_rule'].flatMap((key) => raw.get(key) ?? []);
  const own = ownUfwRules(raw);
  return [...unread, ...tables, ...rules].filter((rule) => !own(rule));
}
