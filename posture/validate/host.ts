import { engineOf } from '../knock/engines.ts';
import { validateSequences } from '../knock/validate.ts';
import type { ResolvedHost } from '../resolve.ts';
import { servedPorts } from '../served-ports.ts';
import { asksForCode } from '../sshd/second-factor.ts';
import { validatePosture } from './posture.ts';
import type { Problem } from './problem.ts';

/** What contradicts itself in one host's settings; paths as in the configuration, relative to the host or the stack. */
export function validateHost(host: ResolvedHost): Problem[] {
  const posture = validatePosture(host.posture).map(({ property, reason }) => ({
    property: configured(property, host),
    reason,
  }));
  return [
    ...posture,
    ...judgeKeys(host),
    ...judgeOwnSequences(host),
    ...judgeSpaPort(host),
    ...judgeTasks(host),
  ];
}

function judgeKeys({ posture, admin }: ResolvedHost): Problem[] {
  // A file that can't be used is a problem of its own.
  if (posture.admin.authorizedKeys.length > 0 || admin.authorizedKeyFiles.length > 0) return [];
  const reason =
    'no public key is configured, so nobody could log in; give one here or a .pub file in admin.authorizedKeyFiles';
  return [{ property: 'admin.authorizedKeys', reason }];
}

function judgeOwnSequences({ posture, knock }: ResolvedHost): Problem[] {
  if (knock.sequence === undefined) return [];
  if (engineOf(knock.engine).secret === 'packet') {
    const reason = `has no meaning for ${knock.engine}, whose keys are generated; leave it out or take another knock.engine`;
    return [{ property: 'knock.sequence', reason }];
  }
  const options = {
    served: servedPorts(posture),
    acceptWeak: knock.acceptWeak,
    needsClose: knock.door === 'held',
  };
  return validateSequences(knock.sequence, options).map(({ property, reason }) => ({
    property: `knock.sequence.${property}`,
    reason,
  }));
}

function judgeSpaPort({ posture, knock }: ResolvedHost): Problem[] {
  if (knock.spaPort === undefined) return [];
  const property = 'knock.spaPort';
  if (engineOf(knock.engine).secret !== 'packet')
    return [{ property, reason: `is for knock.engine fwknop, and this is ${knock.engine}; leave it out` }];
  if (!servedPorts(posture).includes(knock.spaPort)) return [];
  return [{ property, reason: 'is a port this host serves; a packet needs a port where nothing listens' }];
}

function judgeTasks({ tasks, posture }: ResolvedHost): Problem[] {
  if (tasks.length > 0 && asksForCode(posture)) {
    const reason =
      'cannot run where ssh.secondFactor is totp: the connection of a task has nobody to type a code; remove one of them';
    return [{ property: 'tasks', reason }];
  }
  return tasks.flatMap(({ name }, index) =>
    tasks.findIndex((other) => other.name === name) < index
      ? [
          {
            property: `tasks[${index}].name`,
            reason: `${name} is already the name of another task; names are unique on a host`,
          },
        ]
      : [],
  );
}

/** The posture numbers p2p and api among its rules; the configuration has them beside the list. */
function configured(property: string, { firewall }: ResolvedHost): string {
  const rule = /^firewall\.rules\[(\d+)\](.*)$/.exec(property);
  if (rule === null) return property;
  const own = [
    ...(firewall.p2p === null ? [] : ['firewall.p2p']),
    ...(firewall.api === null ? [] : ['firewall.api']),
  ];
  const index = Number(rule[1]);
  return `${own[index] ?? `firewall.rules[${index - own.length}]`}${rule[2]}`;
}
