import { doorKey } from '../remote/file-lock.ts';
import { firstGap } from '../remote/knock-retry.ts';
import { silenceTimeout } from '../remote/probe.ts';
import type { Vantage } from '../remote/vantage.ts';
import { hearsV6 } from './ipv6.ts';
import type { Job } from './job.ts';
import type { Plan } from './plan.ts';
import { ownUfwRules } from './preflight/own-ufw-rules.ts';
import { serializer, type View } from './verify/view.ts';

/** Milliseconds: many times what a kernel takes to answer that has answered within a tenth of it just before. */
const LEAST_RECHECK = 100;

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
  const { posture, initialAccess } = job;
  const { silenceMilliseconds } = posture.verify;
  const silent = silenceMilliseconds ?? silenceTimeout(rtt);
  const recheckTimeout = silenceMilliseconds ?? silenceTimeout(rtt, LEAST_RECHECK);
  const closed = [...new Set([22, initialAccess.port, ...plan.facts.sshPorts])].filter(
    (port) => port !== posture.backup.port,
  );
  const serialize = serializer();
  const view = (address: string, source: string): View => ({
    family: address.includes(':') ? 6 : 4,
    address,
    hears: !address.includes(':') || hearsV6(plan.facts, posture),
    vantage,
    posture,
    sequences: job.sequences,
    roundTrip: rtt,
    silenceTimeout: silent,
    recheckTimeout,
    slowness,
    gap: firstGap(rtt),
    serialize,
    closed,
    source,
    foreignRules: keptRules(plan),
  });
  const main = await vantage.resolve(initialAccess.address, initialAccess.address.includes(':') ? 6 : 4);
  // The host has seen the source of the family it was entered by, whatever translates addresses on the way.
  const seen = view(main, plan.facts.deployerAddress);
  if (!v6 || initialAccess.addressV6 === undefined) return { main: seen, others: [] };
  return {
    main: seen,
    others: [view(initialAccess.addressV6, (await vantage.localAddressFor(initialAccess.addressV6)) ?? '')],
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
