import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { natRedirectProblems, unknownNatRedirects } from '../../../transaction/preflight/nat-redirects.ts';
import { postureWith } from '../../posture/fixture.ts';

const DOCKER = '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80';

function problems(rule: string, firewall: Record<string, unknown>): string[] {
  return natRedirectProblems(parseFacts(`nat_rule=${rule}`), postureWith({ firewall }));
}

const web = { port: 8080, purpose: 'web' };

describe('a port that is published past the firewall', () => {
  it('is refused with its rule: the exposure table would call it closed', () => {
    expect(problems(DOCKER, {})).toEqual([expect.stringContaining(DOCKER)]);
    expect(problems('-A PREROUTING -p udp -j DNAT --to-destination 172.17.0.2', {})).toHaveLength(1);
  });

  it('is refused where the posture opens it to some, because it is open to all', () => {
    expect(problems(DOCKER, { rules: [{ ...web, from: ['203.0.113.0/24'] }] })).toHaveLength(1);
    expect(problems(DOCKER, { rules: [{ ...web, protocol: 'udp' }] })).toHaveLength(1);
  });

  it('is none where the posture opens it to all, or only the host itself gets there', () => {
    expect(problems(DOCKER, { rules: [web] })).toEqual([]);
    expect(problems(DOCKER.replace('DOCKER', 'DOCKER -d 127.0.0.1/32'), {})).toEqual([]);
  });

  it('is kept where that is asked for, and said', () => {
    const posture = postureWith({ firewall: { foreignRules: 'keep' } });
    expect(problems(DOCKER, { foreignRules: 'keep' })).toEqual([]);
    expect(unknownNatRedirects(parseFacts(`nat_rule=${DOCKER}`), posture)).toEqual([
      expect.stringContaining(`not in the exposure table: ${DOCKER}`),
    ]);
  });

  it('is never kept by firewalld, which would empty its table', () => {
    for (const foreignRules of ['keep', 'refuse'])
      expect(problems(DOCKER, { backend: 'firewalld', foreignRules, rules: [web] })).toEqual([
        expect.stringContaining(DOCKER),
      ]);
  });
});
