import { describe, expect, it } from 'vitest';
import { decoys } from '../../../posture/knock/decoys.ts';
import { engineOf } from '../../../posture/knock/engines.ts';
import { servedPorts } from '../../../posture/served-ports.ts';
import { postureWith, SEQUENCES } from '../fixture.ts';

const knocks = [...SEQUENCES.open, ...(SEQUENCES.close ?? [])];

/** What an engine adds to the firewall's rules. */
function rulesOf(engine: 'knockd' | 'kernel' | 'fwknop', backend: string, foreignRules = 'refuse') {
  const posture = postureWith({ firewall: { backend, foreignRules }, knock: { engine } });
  const files = Object.entries(engineOf(engine).files(posture, SEQUENCES));
  const rules = files.filter(([path]) => path.startsWith('/etc/postern/knock.')).map(([, text]) => text);
  return { posture, rules };
}

/** Ports whose packets end there, with their protocol. */
function endedIn(text: string): string[] {
  const groups = [...text.matchAll(/^-A POSTERN-NOLOG -p (\w+) -m multiport --dports (\S+) -j DROP$/gm)];
  const set = /chain nolog \{[^}]*th dport \{ ([^}]*) \} drop/.exec(text)?.[1] ?? '';
  return [
    ...groups.flatMap(([, protocol, ports = '']) => ports.split(',').map((port) => `${protocol} ${port}`)),
    ...set.split(', ').map((element) => element.replace(' . ', ' ')),
  ].filter((port) => port !== '');
}

describe.each(['knockd', 'kernel', 'fwknop'] as const)('packets to the ports of %s', (engine) => {
  it.each(['ufw', 'iptables', 'nftables', 'firewalld'])('end before a rule that logs them: %s', (backend) => {
    const { posture, rules } = rulesOf(engine, backend);
    const hidden = [...knocks, ...decoys(SEQUENCES, servedPorts(posture))];
    expect(rules).toHaveLength(['ufw', 'iptables'].includes(backend) ? 2 : 1);
    for (const text of rules)
      expect(endedIn(text).sort()).toEqual(
        [...new Set(hidden.map(({ protocol, port }) => `${protocol} ${port}`))].sort(),
      );
  });

  it('do so in an order that is not that of the sequence, fifteen a rule at most', () => {
    for (const text of rulesOf(engine, 'ufw').rules)
      for (const [, ports = ''] of text.matchAll(/--dports (\S+) -j DROP/g)) {
        const numbers = ports.split(',').map(Number);
        expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
        expect(numbers.length).toBeLessThanOrEqual(15);
      }
  });

  it('leave decoys alone where rules of the owner’s may open one', () => {
    for (const text of rulesOf(engine, 'ufw', 'keep').rules)
      expect(endedIn(text)).toHaveLength(new Set(knocks.map(({ protocol, port }) => protocol + port)).size);
  });
});
