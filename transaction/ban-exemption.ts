import type { Vantage } from '../remote/vantage.ts';
import type { Facts } from './facts/facts.ts';
import type { Job } from './job.ts';

/**
 * The addresses that the proof comes from, where fail2ban runs on the host: it has to overlook them for the time of the
 * change, because connections that are tried and refused are what it bans for.
 */
export async function exemptAddresses(job: Job, facts: Facts, vantage: Vantage): Promise<string[]> {
  if (facts.unit('fail2ban.service').active !== 'active') return [];
  const { addressV6 } = job.initialAccess;
  const overV6 = addressV6 === undefined ? undefined : await vantage.localAddressFor(addressV6);
  return [...new Set([facts.deployerAddress, overV6 ?? ''])].filter((address) => address !== '');
}
