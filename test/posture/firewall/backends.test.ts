import { describe, expect, it } from 'vitest';
import { allBackends, backendOf } from '../../../posture/firewall/backends.ts';
import { golden, postureWith } from '../fixture.ts';

const BACKENDS = ['ufw', 'firewalld', 'iptables', 'nftables'] as const;

const firewall = {
  api: { from: ['203.0.113.0/24', '2001:db8::7'] },
  rules: [{ port: 51_820, protocol: 'udp', purpose: 'wireguard' }],
};

describe.each(BACKENDS)('the firewall %s', (backend) => {
  const posture = postureWith({ ssh: { port: 2022 }, firewall: { backend, ...firewall } });

  // ufw's has tests of its own.
  it.skipIf(backend === 'ufw')('is rendered as expected', async () => {
    for (const [path, content] of Object.entries(backendOf(backend).files(posture)))
      await expect(content).toMatchFileSnapshot(
        golden(`${backend}-${path.slice(path.lastIndexOf('/') + 1)}`),
      );
    await expect(`${backendOf(backend).rules(posture).join('\n')}\n`).toMatchFileSnapshot(
      golden(`${backend}.rules`),
    );
  });

  it('says of each file of its that it is touched', () => {
    expect(backendOf(backend).paths).toEqual(
      expect.arrayContaining(Object.keys(backendOf(backend).files(posture))),
    );
    for (const path of backendOf(backend).paths) expect(path).toMatch(/^\/etc\/[A-Za-z0-9._/-]+$/);
  });

  it('answers ping only where that is wanted', () => {
    const text = (icmpEcho: boolean) =>
      Object.values(backendOf(backend).files(postureWith({ firewall: { backend, icmpEcho } }))).join('\n');
    expect(text(true)).not.toBe(text(false));
  });
});

describe('the door', () => {
  it.each(['iptables', 'nftables', 'firewalld'] as const)(
    'of %s is for the ssh port and new connections',
    (backend) => {
      const text = Object.values(
        backendOf(backend).files(postureWith({ ssh: { port: 2022 }, firewall: { backend } })),
      ).join('\n');
      expect(text).toMatch(/dport 2022/);
      expect(text).toMatch(/ctstate NEW|ct state new/);
      expect(text).not.toMatch(/dport 22\b/);
    },
  );

  it('of iptables stays shut before rules of the owner’s that are kept', () => {
    const files = backendOf('iptables').files(
      postureWith({ firewall: { backend: 'iptables', foreignRules: 'keep' } }),
    );
    for (const content of Object.values(files)) {
      expect(content).toMatch(/--dport 22 -j DROP\n-A POSTERN-OUTPUT /);
      expect(content).toContain(':INPUT DROP');
    }
  });
});

describe('all backends', () => {
  it('are those of the schema, each once', () => {
    expect(new Set(allBackends()).size).toBe(BACKENDS.length);
  });
});
