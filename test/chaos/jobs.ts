import type { LabVps } from '../../lab/vps.ts';
import { singleOptions } from '../../posture/knock/engines.ts';
import { makeSequences } from '../../posture/knock/make.ts';
import { readStack } from '../../posture/read-stack.ts';
import { servedPorts } from '../../posture/served-ports.ts';
import { frontDoorRoute, initialAccessRoute, type LoginRoute } from '../../transaction/connect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import type { Sealed } from '../../transaction/sealed.ts';
import type { Key } from '../lab/command.ts';
import { seeded } from '../posture/fixture.ts';
import type { Setup } from './scenario.ts';

/** After so many seconds without a word from its deployer a host rolls back. */
export const ROLLBACK_SECONDS = 40;

/** A change of a run's host to a setup; the same seed makes the same sequences. */
export function jobOf(
  vps: LabVps,
  key: Key,
  setup: Setup,
  seed: number,
  previous: Previous | undefined,
): Job {
  const raw = {
    network: 'devnet',
    hosts: [{ name: vps.name }],
    admin: { authorizedKeys: [key.publicKey] },
    ssh: { port: setup.port },
    knock: { engine: setup.engine, door: setup.door, openSeconds: 30 },
    firewall: {
      backend: setup.backend,
      rules: [{ port: setup.service, protocol: 'tcp', from: 'anywhere', purpose: 'chaos' }],
    },
    verify: { rollbackSeconds: ROLLBACK_SECONDS },
  };
  const posture = readStack(raw, 'chaos', () => '').hosts[0]?.posture;
  if (posture === undefined) throw new Error('no host');
  const { address, addressV6, port, user, hostKeys } = vps;
  const avoid = servedPorts(posture);
  return {
    posture,
    sequences: makeSequences(
      { knocks: 4, close: true, avoid, spa: singleOptions(posture.knock) },
      seeded(seed),
    ),
    initialAccess: { address, addressV6, port, user, hostKeys },
    identity: { file: key.file },
    previous,
  };
}

/** What the engine remembers of a host that was sealed by a change. */
export function remembered({ posture, sequences }: Job, { hostKeys, verifiedV6 }: Sealed): Previous {
  return { posture, sequences, hostKeys, verifiedV6 };
}

/** Ways that may lead in, by what the host is where they do. */
export type WayName = 'old' | 'new' | 'first';

/** The ways that the owner has, in the order of the next `up`. */
export function waysOf(job: Job): (readonly [WayName, LoginRoute])[] {
  const { previous } = job;
  const keys = previous?.hostKeys ?? job.initialAccess.hostKeys;
  const first = ['first', initialAccessRoute(job)] as const;
  const now = ['new', frontDoorRoute(job, job, keys)] as const;
  return previous === undefined ? [first, now] : [['old', frontDoorRoute(job, previous, keys)], now, first];
}
