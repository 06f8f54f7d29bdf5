import { engineOf } from '../knock/engines.ts';
import type { Posture } from '../schema/posture.ts';
import { systemOf } from '../system/systems.ts';
import { type Problem, propertyPath } from './problem.ts';

/** What no single key can tell: keys that contradict each other. Paths are relative to the posture. */
export function validatePosture(posture: Posture): Problem[] {
  return [
    ...judgeSystem(posture),
    ...judgeEngine(posture),
    ...judgeAccess(posture),
    ...judgePorts(posture),
    ...judgeRules(posture),
  ];
}

function judgeSystem(posture: Posture): Problem[] {
  const { backend, otherBackends } = systemOf(posture);
  const wanted = posture.firewall.backend;
  if (otherBackends || wanted === backend) return [];
  const reason = `must be ${backend} where system is ${posture.system}, whose own firewall it is; ${wanted} is rendered for Debian only`;
  return [{ property: 'firewall.backend', reason }];
}

function judgeEngine({ system, knock, verify }: Posture): Problem[] {
  // What a release of Debian lacks is only known when the host was asked.
  const unsupported =
    system === 'rhel' ? engineOf(knock.engine).unsupported({ os: 'rhel', version: '' }) : undefined;
  return [
    ...(unsupported === undefined
      ? []
      : [{ property: 'knock.engine', reason: `${knock.engine} ${unsupported}` }]),
    ...(verify.ipv6 === 'require' && engineOf(knock.engine).deafOverIpv6() !== undefined
      ? [
          {
            property: 'verify.ipv6',
            reason: `cannot be required with knock.engine ${knock.engine}, which hears no packet over IPv6: the door stays shut over it; set it to auto`,
          },
        ]
      : []),
  ];
}

/** Principals mean nothing without certificates, nor a user without the program that it runs. */
function judgeAccess({ ssh }: Posture): Problem[] {
  const needs = [
    ['authorizedPrincipalsFile', 'trustedUserCAKeys'],
    ['authorizedPrincipalsCommand', 'trustedUserCAKeys'],
    ['authorizedPrincipalsCommandUser', 'authorizedPrincipalsCommand'],
    ['authorizedKeysCommandUser', 'authorizedKeysCommand'],
  ] as const;
  return needs
    .filter(([key, needed]) => ssh[key] !== undefined && ssh[needed] === undefined)
    .map(([key, needed]) => ({
      property: `ssh.${key}`,
      reason: `has no meaning without ssh.${needed}; set that, or leave this out`,
    }));
}

function judgePorts({ ssh, backup }: Posture): Problem[] {
  if (ssh.port !== backup.port) return [];
  return [
    { property: 'backup.port', reason: 'must differ from ssh.port: it is the way in while that one changes' },
  ];
}

function judgeRules({ ssh, backup, firewall }: Posture): Problem[] {
  const seen = new Map<string, string>();
  return firewall.rules.flatMap((rule, index) => {
    const property = propertyPath(['firewall', 'rules', index, 'port']);
    const problems: Problem[] = [];
    if (rule.protocol === 'tcp' && rule.port === ssh.port) {
      problems.push({
        property,
        reason: 'is the SSH port, which only a knock may open; choose another ssh.port or leave the rule out',
      });
    }
    if (rule.protocol === 'tcp' && rule.port === backup.port) {
      problems.push({
        property,
        reason: 'is the backup SSH port, which is closed after every change; choose another backup.port',
      });
    }
    const id = `${rule.port}/${rule.protocol}`;
    const earlier = seen.get(id);
    if (earlier !== undefined) {
      problems.push({
        property,
        reason: `${id} is already open for ${earlier}; put all networks into one rule`,
      });
    }
    seen.set(id, rule.purpose);
    return problems;
  });
}
