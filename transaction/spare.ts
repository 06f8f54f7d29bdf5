import type { Vantage } from '../remote/vantage.ts';
import type { Facts } from './facts.ts';
import type { Job } from './job.ts';

/** The directive by which sshd (since OpenSSH 9.8) overlooks addresses that it would shut out. */
const EXEMPT = 'PerSourcePenaltyExemptList';

/**
 * The addresses that the proof comes from, where fail2ban runs on the host or its sshd punishes sources by itself: both
 * have to overlook them for the time of the change, because connections that are tried and refused are what they ban for.
 */
export async function sparedAddresses(job: Job, facts: Facts, vantage: Vantage): Promise<string[]> {
  if (facts.unit('fail2ban.service').active !== 'active' && !punishes(facts)) return [];
  const { addressV6 } = job.first;
  const overV6 = addressV6 === undefined ? undefined : await vantage.sourceTowards(addressV6);
  return [...new Set([facts.deployerAddress, overV6 ?? ''])].filter((address) => address !== '');
}

/** sshd_config(5) of a drop-in that is there only while the change is: the addresses that sshd overlooks. */
export function exemption(facts: Facts, spared: readonly string[]): string | undefined {
  return punishes(facts) && spared.length > 0 ? `${EXEMPT} ${spared.join(',')}\n` : undefined;
}

function punishes({ known }: Facts): boolean {
  return known.directives.includes(EXEMPT.toLowerCase());
}
