import type { EvidenceLog } from './evidence.ts';
import { mightOpen } from './foreign-rules.ts';
import type { View } from './view.ts';

/** Ports of services that scanners look for; none may answer unless the posture serves it. */
const SAMPLE = [21, 22, 23, 25, 80, 111, 443, 3306, 5432, 8080];

/** Every port that has to be silent now: a reset would already say that somebody is there. */
export async function expectSilence(
  view: View,
  log: EvidenceLog,
  ports: readonly number[],
  when: string,
): Promise<void> {
  const { address, vantage, silenceTimeout } = view;
  const states = await Promise.all(
    ports.map(async (port) => ({
      port,
      ...(await vantage.probeTcp(address, port, silenceTimeout)),
    })),
  );
  const loud = states.filter(({ state }) => state !== 'silent');
  const seen =
    loud.length === 0
      ? `silent for ${silenceTimeout} ms`
      : loud.map(({ port, state }) => `${port}/tcp ${state}`).join(', ');
  const door = view.posture.ssh.port;
  const onlyDoor = loud.every(({ port, state }) => port === door && state === 'open');
  log.record(`tcp ${ports.join(', ')} ${when}`, 'silent', seen, loud.length === 0, onlyDoor);
}

/**
 * The front door, the other ssh ports, and a sample of what is never served, without those that rules of the host's own,
 * which are kept, may let answer: these are not ours to call closed. The backup port is not among them, wherever it is:
 * it answers the deployer until the host is sealed.
 */
export function silentPorts({ posture, closed, foreignRules, source }: View): number[] {
  const served = posture.firewall.rules.filter((rule) => rule.protocol === 'tcp').map((rule) => rule.port);
  const sample = SAMPLE.filter((port) => !foreignRules.some((rule) => mightOpen(rule, port, source)));
  return [...new Set([posture.ssh.port, ...closed, ...sample])]
    .filter((port) => !served.includes(port) && port !== posture.backup.port)
    .sort((left, right) => left - right);
}
