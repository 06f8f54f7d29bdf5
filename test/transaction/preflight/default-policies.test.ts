import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import {
  policyProblems,
  policyWarnings,
  ufwPolicies,
} from '../../../transaction/preflight/default-policies.ts';
import { postureWith } from '../../posture/fixture.ts';

const OPEN = [
  'policy=iptables OUTPUT ACCEPT',
  'policy=iptables FORWARD ACCEPT',
  'policy=ip6tables FORWARD ACCEPT',
];

const of = (backend: string, lines: string[]) =>
  [parseFacts(lines.join('\n')), postureWith({ firewall: { backend } })] as const;

describe('a host where ufw comes into force', () => {
  it('goes on with outgoing and routed packets as before', () => {
    expect(ufwPolicies(...of('ufw', []))).toEqual(['DEFAULT_OUTPUT_POLICY=ACCEPT']);
    expect(policyWarnings(...of('ufw', []))).toEqual([]);
    const routing = of('ufw', [...OPEN, 'forwards=4']);
    expect(ufwPolicies(...routing)).toContain('DEFAULT_FORWARD_POLICY=ACCEPT');
    expect(policyWarnings(...routing)).toEqual([expect.stringContaining('goes on to')]);
    const docker = of('ufw', ['policy=iptables FORWARD DROP', 'forwards=4']);
    expect(ufwPolicies(...docker)).toContain('DEFAULT_FORWARD_POLICY=DROP');
    const strict = of('ufw', ['policy=iptables OUTPUT DROP', 'policy=ip6tables OUTPUT DROP']);
    expect(ufwPolicies(...strict)).toEqual(['DEFAULT_OUTPUT_POLICY=DROP']);
    expect(policyWarnings(...strict)).toEqual([expect.stringContaining('stay so')]);
    for (const facts of [routing, docker, strict]) expect(policyProblems(...facts)).toEqual([]);
  });

  it('is refused where ufw cannot say what holds, or its own file would bring something new', () => {
    expect(policyProblems(...of('ufw', ['policy=iptables OUTPUT DROP']))).toEqual([
      expect.stringContaining('different policies for outgoing'),
    ]);
    expect(
      policyProblems(...of('ufw', ['policy=iptables FORWARD DROP', 'forwards=4', 'forwards=6'])),
    ).toEqual([expect.stringContaining('different policies for routed')]);
    expect(policyProblems(...of('ufw', ['ufw_default=OUTPUT DROP']))).toEqual([
      expect.stringContaining('DEFAULT_OUTPUT_POLICY=DROP'),
    ]);
  });

  it.each(['ufw=enabled', 'sealed_firewall=ufw'])('is left with what its owner set ufw to: %s', (line) => {
    const facts = of('ufw', [line, 'ufw_default=OUTPUT DROP', 'policy=iptables OUTPUT DROP', 'forwards=4']);
    expect([ufwPolicies(...facts), policyProblems(...facts), policyWarnings(...facts)]).toEqual([[], [], []]);
  });
});

describe('another firewall', () => {
  it('does not end what ufw was told to deny without a word', () => {
    const facts = ['sealed_firewall=ufw', 'ufw=enabled', 'forwards=4'];
    expect(policyProblems(...of('nftables', [...facts, 'ufw_default=OUTPUT REJECT']))).toEqual([
      expect.stringContaining('denies outgoing'),
    ]);
    expect(policyWarnings(...of('nftables', facts))).toEqual([expect.stringContaining('ends with ufw')]);
    expect(policyProblems(...of('nftables', facts))).toEqual([]);
  });

  it('is not firewalld where that would stop routing, or let out what is dropped', () => {
    const facts = ['forwards=4', 'policy=iptables OUTPUT DROP'];
    expect(policyProblems(...of('firewalld', facts))).toEqual([
      expect.stringContaining('routes packets of others'),
      expect.stringContaining('drops outgoing packets'),
    ]);
    for (const taken of ['unit_firewalld.service=ActiveState=active', 'sealed_firewall=firewalld'])
      expect(policyProblems(...of('firewalld', [...facts, taken]))).toEqual([]);
    for (const backend of ['nftables', 'iptables']) expect(policyProblems(...of(backend, facts))).toEqual([]);
  });
});
