import type { Rule } from '../schema/firewall.ts';
import type { Posture } from '../schema/posture.ts';
import type { FirewallBackend } from './backend.ts';
import { chainRules } from './chain.ts';

/** Comment that marks a ufw rule as ours; `ufw status` shows it. */
export const OWNED = 'postern';

/** ufw, as Debian and Ubuntu package it, with a chain of our own before its rules for the timed door. */
export const ufw: FirewallBackend = {
  // ufw is a Python program that writes its files anew; the slowest of 80 took 1.5 s.
  openLatency: { timed: 0, held: 3000 },
  mechanism: 'iptables',
  packages: ['ufw', 'iptables'],
  units: ['ufw.service'],
  paths: [
    '/etc/default/ufw',
    '/etc/ufw/ufw.conf',
    '/etc/ufw/user.rules',
    '/etc/ufw/user6.rules',
    '/etc/postern/chain.v4',
    '/etc/postern/chain.v6',
    '/etc/postern/ufw.rules',
    '/etc/systemd/system/ufw.service.d/postern.conf',
  ],
  files: (posture) => ({
    '/etc/postern/chain.v4': chainRules(posture, 4),
    '/etc/postern/chain.v6': chainRules(posture, 6),
  }),
  rules: ufwRules,
};

/**
 * The rules that ufw has to hold, one argument list a line, exactly as `ufw show added` prints them back, so that the
 * host can tell by comparing text which are there already.
 */
export function ufwRules(posture: Posture): string[] {
  return posture.firewall.rules.flatMap((rule) => networks(rule).map((network) => ufwRule(rule, network)));
}

function networks(rule: Rule): readonly string[] {
  return rule.from === 'anywhere' ? ['anywhere'] : rule.from;
}

function ufwRule({ port, protocol, purpose }: Rule, network: string): string {
  const match =
    network === 'anywhere' ? `${port}/${protocol}` : `from ${network} to any port ${port} proto ${protocol}`;
  return `allow ${match} comment '${OWNED}: ${purpose}'`;
}
