import { describe, expect, it } from 'vitest';
import { foreignRulePorts } from '../../../transaction/verify/foreign-rule-ports.ts';
import { postureWith } from '../../posture/fixture.ts';

const ports = (...kept: string[]) =>
  foreignRulePorts({
    posture: postureWith({ ssh: { port: 2200 } }),
    foreignRules: kept,
    source: '203.0.113.9',
  });

describe('what is looked at because rules of the host’s own are kept', () => {
  it('are the ports that they name and may let answer', () => {
    expect(
      ports(
        'allow 80,8443/tcp',
        '-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT',
        '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
      ),
    ).toEqual([80, 8443, 25, 8080]);
  });

  it('are not those that the posture speaks of, nor those that they shut', () => {
    expect(ports('allow 4002/tcp', 'allow 2200/tcp', 'allow 2222/tcp', 'deny 81/tcp')).toEqual([]);
    expect(ports('allow 53/udp', 'allow from 198.51.100.0/24 to any port 82 proto tcp')).toEqual([]);
  });

  it('are few, however many a rule is about', () => {
    expect(ports('allow 1000:60000/tcp')).toHaveLength(32);
    expect(ports('/etc/ufw/before.rules', 'allow from 203.0.113.0/24')).toEqual([]);
  });
});
