import { formatIp, parseIpv6 } from '../schema/ip.ts';
import type { Host } from '../schema/stack.ts';
import type { Problem } from './problem.ts';

/** Two hosts that are one machine: each would take back what the other one set up. */
export function sameAddresses(hosts: readonly Host[]): Problem[] {
  const seen = new Map<string, string>();
  return hosts.flatMap(({ name, target }, index) => {
    if (target.type !== 'existing') return [];
    // Behind another jump host a private address is another machine.
    const network = target.jump === undefined ? '' : `${target.jump.address} ${target.jump.port}`;
    return (['address', 'addressV6'] as const).flatMap((key): Problem[] => {
      const address = target[key];
      if (address === undefined) return [];
      const place = `${canonical(address)} ${network}`;
      const other = seen.get(place);
      seen.set(place, other ?? name);
      if (other === undefined || other === name) return [];
      const property = `hosts[${index}].target.${key}`;
      return [
        { property, reason: `${address} is already the address of ${other}; a machine has one posture` },
      ];
    });
  });
}

function canonical(address: string): string {
  const groups = parseIpv6(address);
  return groups === undefined ? address.toLowerCase() : formatIp(groups);
}
