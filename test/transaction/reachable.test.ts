import { expect, it } from 'vitest';
import type { TcpState } from '../../remote/probe.ts';
import { awaitReachable } from '../../transaction/reachable.ts';

function portThatIs(...states: TcpState[]) {
  const probeTcp = async () => {
    const state = (states.length > 1 ? states.shift() : states[0]) ?? 'silent';
    return { state, rttMilliseconds: state === 'open' ? 12 : undefined };
  };
  const vantage = { name: 'this machine', probeTcp };
  return { vantage, address: '203.0.113.7', port: 2222, seconds: 2, passed: ['198.51.100.9'] };
}

it('a backup port that a cloud firewall passes late is waited for, and that is reported once', async () => {
  const said: string[] = [];
  const found = await awaitReachable(portThatIs('silent', 'silent', 'open'), (text) => said.push(text));
  expect(found).toBe(12);
  expect(said).toEqual(['port 2222 is silent from here; waiting up to 2 s for a cloud firewall to pass it']);
});

it('one that nothing passes is given up as late as configured, with what to look at and from where it is seen', async () => {
  const begin = performance.now();
  const failure = await awaitReachable(portThatIs('silent'), () => {}).catch(String);
  expect(performance.now() - begin).toBeGreaterThan(1900);
  expect(failure).toContain('port 2222 of 203.0.113.7 is silent from this machine for 2 s');
  expect(failure).toContain("the host's own firewall passes it to 198.51.100.9");
  expect(failure).toMatch(/deployerCidrs holds it.*raise backup\.waitSeconds/);
});

it('a cancelled wait ends at once', async () => {
  const signal = AbortSignal.timeout(100);
  await expect(awaitReachable({ ...portThatIs('silent'), seconds: 60 }, () => {}, signal)).rejects.toThrow();
});
