import { answering } from '../../posture/exposure/answering.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import type { EvidenceLog } from './evidence.ts';
import type { View } from './view.ts';

/**
 * Every TCP port that is open without a knock passes, or not, as the posture says for this source. A reset counts as
 * passing: the packet reached the host, where the node is not running yet.
 */
export async function expectServices(view: View, log: EvidenceLog, source: string): Promise<void> {
  const rules = view.posture.firewall.rules.filter((rule) => rule.protocol === 'tcp');
  const answers = answering(exposureOf(view.posture), { source });
  await Promise.all(
    rules.map(async (rule) => {
      const admitted = answers.some(({ protocol, port }) => protocol === 'tcp' && port === rule.port);
      const { state } = await view.vantage.probeTcp(
        view.address,
        rule.port,
        Math.max(view.silenceTimeout, 1000),
      );
      const passes = state === 'open' || state === 'refused';
      log.record(
        `tcp ${rule.port} (${rule.purpose})`,
        admitted ? 'passes' : 'silent',
        state === 'refused' ? 'passes; nothing listens there yet' : state,
        admitted ? passes : state === 'silent',
      );
    }),
  );
}

/** Ping is answered, or not, as the posture says; nothing is written down where the vantage has no ping. */
export async function expectEcho(view: View, log: EvidenceLog): Promise<void> {
  const wanted = view.posture.firewall.icmpEcho ? 'answered' : 'silent';
  const seen = await view.vantage.ping(view.address);
  if (seen !== 'unknown') log.record('icmp echo', wanted, seen, seen === wanted);
}
