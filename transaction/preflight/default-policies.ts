import type { Posture } from '../../posture/schema/posture.ts';
import { type Facts, sealedFirewall } from '../facts/facts.ts';

/**
 * What ufw has to do with outgoing and routed packets where it comes into force by the change: what the kernel does with
 * them now, as lines of /etc/default/ufw. None where ufw is in force already, whose settings are the owner's, or the
 * firewall is another.
 */
export function ufwPolicies({ raw }: Pick<Facts, 'raw'>, posture: Posture): string[] {
  if (!takesUfw(raw, posture)) return [];
  const output = strictest(raw, 'OUTPUT', ['iptables', 'ip6tables']);
  // Where nothing is routed, what the package says is as good, and shuts what may be routed one day.
  const routing = routingTools(raw);
  return [
    `DEFAULT_OUTPUT_POLICY=${output}`,
    // What firewalld does with routed packets iptables does not show.
    ...(routing.length === 0 || sealedFirewall(raw) === 'firewalld'
      ? []
      : [`DEFAULT_FORWARD_POLICY=${strictest(raw, 'FORWARD', routing)}`]),
  ];
}

/** Default policies of the owner's that the posture's firewall could not leave as they are. */
export function policyProblems(facts: Pick<Facts, 'raw' | 'unit'>, posture: Posture): string[] {
  const { raw } = facts;
  const { backend } = posture.firewall;
  const sealedBy = sealedFirewall(raw);
  if (takesUfw(raw, posture)) return ufwProblems(raw);
  if (sealedBy === 'ufw' && backend !== 'ufw' && ufwDefault(raw, 'OUTPUT') !== 'ACCEPT')
    return [
      `ufw denies outgoing packets by default there, which would end with ufw; put that into rules of your own and run ufw default allow outgoing, or leave firewall.backend at ufw`,
    ];
  if (
    backend === 'firewalld' &&
    sealedBy !== 'firewalld' &&
    facts.unit('firewalld.service').active !== 'active'
  )
    return firewalldProblems(raw);
  return [];
}

/** What becomes of packets that the host sends or routes, where that is not what a reader of ufw's files expects. */
export function policyWarnings(facts: Pick<Facts, 'raw' | 'unit'>, posture: Posture): string[] {
  const { raw } = facts;
  const leaves = sealedFirewall(raw) === 'ufw' && posture.firewall.backend !== 'ufw';
  if (leaves && routingTools(raw).length > 0 && ufwDefault(raw, 'FORWARD') !== 'ACCEPT')
    return [
      'the host routes packets of others, which ufw drops by default; that ends with ufw, so it routes all of them that no other rule stops',
    ];
  return ufwPolicies(facts, posture)
    .filter((line) => line === 'DEFAULT_OUTPUT_POLICY=DROP' || line === 'DEFAULT_FORWARD_POLICY=ACCEPT')
    .map((line) =>
      line.startsWith('DEFAULT_OUTPUT')
        ? `outgoing packets are dropped there by default, and stay so: ufw gets ${line}`
        : `the host routes packets of others, and goes on to: ufw gets ${line} instead of its package's DROP`,
    );
}

function ufwProblems(raw: Facts['raw']): string[] {
  const routing = routingTools(raw);
  const unlike = [
    ...(differ(raw, 'OUTPUT', ['iptables', 'ip6tables']) ? ['outgoing'] : []),
    ...(differ(raw, 'FORWARD', routing) ? ['routed'] : []),
  ];
  const waiting = ufwDefault(raw, 'OUTPUT');
  const now = strictest(raw, 'OUTPUT', ['iptables', 'ip6tables']);
  return [
    ...unlike.map(
      (what) =>
        `iptables and ip6tables have different policies for ${what} packets, and ufw knows only one for both; make them alike, or choose another firewall.backend`,
    ),
    ...(waiting === 'ACCEPT' || now !== 'ACCEPT'
      ? []
      : [
          `ufw is not enabled, and /etc/default/ufw has DEFAULT_OUTPUT_POLICY=${waiting}, which the change would bring into force; run ufw default allow outgoing there, or enable ufw first to see that the host can live with it`,
        ]),
  ];
}

function firewalldProblems(raw: Facts['raw']): string[] {
  return [
    ...(routingTools(raw).length === 0
      ? []
      : [
          'the host routes packets of others (net.ipv4.ip_forward or net.ipv6.conf.all.forwarding), which firewalld rejects unless its policies let them through; start firewalld with policies of your own first, or choose another firewall.backend',
        ]),
    ...(strictest(raw, 'OUTPUT', ['iptables', 'ip6tables']) === 'ACCEPT'
      ? []
      : [
          'iptables drops outgoing packets by default there, and firewalld sets that to accept when it starts; choose another firewall.backend, or set OUTPUT to ACCEPT yourself',
        ]),
  ];
}

/** ufw is to come into force by the change, and not again: what it was sealed with stays in its files. */
function takesUfw(raw: Facts['raw'], { firewall }: Posture): boolean {
  return firewall.backend === 'ufw' && !raw.has('ufw') && sealedFirewall(raw) !== 'ufw';
}

/** ufw's default for a chain; where it has no file yet, its package's. */
function ufwDefault(raw: Facts['raw'], chain: 'OUTPUT' | 'FORWARD'): string {
  const line = (raw.get('ufw_default') ?? []).find((text) => text.startsWith(`${chain} `));
  return line?.split(' ')[1] ?? (chain === 'OUTPUT' ? 'ACCEPT' : 'DROP');
}

function routingTools(raw: Facts['raw']): string[] {
  return (raw.get('forwards') ?? []).map((family) => (family === '6' ? 'ip6tables' : 'iptables'));
}

function policyOf(raw: Facts['raw'], tool: string, chain: string): string {
  const line = (raw.get('policy') ?? []).find((text) => text.startsWith(`${tool} ${chain} `));
  return line?.split(' ')[2] === 'DROP' ? 'DROP' : 'ACCEPT';
}

function strictest(raw: Facts['raw'], chain: string, tools: readonly string[]): string {
  return tools.some((tool) => policyOf(raw, tool, chain) === 'DROP') ? 'DROP' : 'ACCEPT';
}

function differ(raw: Facts['raw'], chain: string, tools: readonly string[]): boolean {
  return new Set(tools.map((tool) => policyOf(raw, tool, chain))).size > 1;
}
