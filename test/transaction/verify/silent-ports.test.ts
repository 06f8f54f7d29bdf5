import { describe, expect, it } from 'vitest';
import { silentPorts } from '../../../transaction/verify/silent-ports.ts';
import type { View } from '../../../transaction/verify/view.ts';
import { postureWith, type Raw } from '../../posture/fixture.ts';

const silent = (sections: Raw, more: Partial<View> = {}) =>
  silentPorts({
    posture: postureWith(sections),
    closed: [22],
    foreignRules: [],
    source: '203.0.113.9',
    ...more,
  } as View);

describe('the ports that have to be silent', () => {
  it('are the front door, other ssh ports and a sample, without what is served', () => {
    expect(silent({ ssh: { port: 2200 }, firewall: { rules: [{ port: 443, purpose: 'web' }] } })).toEqual([
      21, 22, 23, 25, 80, 111, 2200, 3306, 5432, 8080,
    ]);
  });

  it('are not the backup port, which answers until the host is sealed, wherever it is', () => {
    expect(silent({ backup: { port: 443 } })).not.toContain(443);
  });

  it('are not those that a kept rule may let answer', () => {
    const rule = '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80';
    expect(silent({}, { foreignRules: [rule] })).not.toContain(8080);
    expect(silent({}, { foreignRules: [rule] })).toContain(80);
  });
});
