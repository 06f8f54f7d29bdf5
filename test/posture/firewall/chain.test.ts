import { describe, expect, it } from 'vitest';
import { chainRules, knockerList } from '../../../posture/firewall/chain.ts';
import { golden, postureWith } from '../fixture.ts';

describe('the chain before the firewall’s own rules', () => {
  it.each([4, 6] as const)('is as expected for IPv%i', async (family) => {
    await expect(chainRules(postureWith({ ssh: { port: 2022 } }), family)).toMatchFileSnapshot(
      golden(`chain.v${family}`),
    );
  });

  it.each([4, 6] as const)('lets echo requests through only where they are wanted: IPv%i', (family) => {
    const echo = /-A POSTERN -p (icmp|ipv6-icmp) /;
    expect(chainRules(postureWith(), family)).toMatch(echo);
    expect(chainRules(postureWith({ firewall: { icmpEcho: true } }), family)).not.toMatch(echo);
  });

  it.each([4, 6] as const)(
    'has a timed door that the kernel closes, for new connections: IPv%i',
    (family) => {
      const timed = chainRules(postureWith({ knock: { openSeconds: 45 } }), family);
      expect(timed).toContain(`--rcheck --seconds 45 --name ${knockerList(family)} --rsource -j ACCEPT`);
      expect(timed).toContain('--ctstate NEW');
      // Also while ufw, whose rules come after it, reloads.
      expect(timed).toMatch(
        /-j ACCEPT\n-A POSTERN ! -i lo -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j DROP\n-A POSTERN-OUTPUT /,
      );
      // Held, it is in the same place: no rule of ufw's, whoever put it there, opens the port.
      const held = chainRules(postureWith({ knock: { door: 'held' } }), family);
      expect(held).toBe(timed.replace(' --seconds 45', ''));
    },
  );

  it('answers nobody who only pretends to be a DHCP server, unless that port is served', () => {
    const unasked = '--sport 67 --dport 68 -m conntrack --ctstate NEW -j DROP';
    expect(chainRules(postureWith(), 4)).toContain(unasked);
    expect(chainRules(postureWith(), 6)).not.toContain('--sport');
    const rules = [{ port: 68, protocol: 'udp', purpose: 'served' }];
    expect(chainRules(postureWith({ firewall: { rules } }), 4)).not.toContain(unasked);
  });
});
