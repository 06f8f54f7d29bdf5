import { describe, expect, it } from 'vitest';
import { ownUfwRules } from '../../../transaction/preflight/own-ufw-rules.ts';

const facts = (entries: Record<string, string[]>) => new Map(Object.entries(entries));

describe('which of ufw’s rules are Postern’s own', () => {
  const ours = "allow 9100/udp comment 'postern: metrics'";
  const like = "allow 8080/tcp comment 'postern: a rule of the owner'";

  it('is what the last change wrote down, whatever their comments say', () => {
    const own = ownUfwRules(facts({ ufw_own: [ours], sealed_firewall: ['ufw'] }));
    expect([ours, like].map(own)).toEqual([true, false]);
  });

  it('is what has the whole comment, on a host that an earlier Postern sealed', () => {
    const own = ownUfwRules(facts({ sealed_firewall: ['ufw'] }));
    expect([ours, "allow 8080/tcp comment 'posterns own'", 'allow 8080/tcp'].map(own)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is none of them on a host that was never sealed, or with another firewall', () => {
    expect(ownUfwRules(facts({}))(ours)).toBe(false);
    expect(ownUfwRules(facts({ sealed_firewall: ['nftables'] }))(ours)).toBe(false);
  });
});
