import { describe, expect, it } from 'vitest';
import { backendOf } from '../../../posture/firewall/backends.ts';
import { CLOSED_PATHS, closedFiles } from '../../../posture/firewall/closed.ts';
import { engineOf } from '../../../posture/knock/engines.ts';
import { postureWith, SEQUENCES } from '../fixture.ts';

const backends = ['ufw', 'iptables', 'nftables', 'firewalld'] as const;

/** The sealed copy of a posture that serves a port to the world and one to a network. */
function copy(backend: (typeof backends)[number], engine: 'knockd' | 'kernel' = 'knockd') {
  const rules = [
    { port: 8443, protocol: 'tcp', from: 'anywhere', purpose: 'world' },
    { port: 9443, protocol: 'udp', from: ['192.0.2.0/24'], purpose: 'some' },
  ];
  const posture = postureWith({
    ssh: { port: 2022 },
    knock: { engine },
    firewall: { backend, rules, foreignRules: 'keep' },
  });
  const knocks = engineOf(engine).files(posture, SEQUENCES);
  return closedFiles(posture, backendOf(backend), knocks);
}

describe.each(backends)('the sealed copy of the rules behind %s', (backend) => {
  it('is a whole posture that needs no manager: what is served, the door, and nothing else', () => {
    for (const [path, text] of Object.entries(copy(backend))) {
      if (path.includes('/knock.')) continue;
      expect(text).toMatch(/policy drop;|^:INPUT DROP /m);
      expect(text).toMatch(/dport 8443.* accept|dport 8443.*-j ACCEPT/);
      expect(text).toMatch(/@door4 tcp dport 2022|--dport 2022 .*--name postern[46] .*-j ACCEPT/);
      // Rules of the host's own would come after it.
      if (!path.endsWith('.nft')) expect(text).toMatch(/\n-A POSTERN-INPUT -j DROP\n-A POSTERN-OUTPUT /);
    }
  });

  it.each(['kernel', 'knockd'] as const)(
    'has what is about knocks beside it, for %s, and reads nothing from elsewhere',
    (engine) => {
      const files = copy(backend, engine);
      expect(Object.keys(files).some((path) => path.includes('/knock.'))).toBe(true);
      expect(Object.values(files).join('\n')).not.toContain('/etc/postern');
    },
  );

  it('is saved before a change', () => {
    for (const path of Object.keys(copy(backend, 'kernel'))) expect(CLOSED_PATHS).toContain(path);
  });
});
