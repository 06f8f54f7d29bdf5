import { randomInt } from 'node:crypto';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { testOwner } from '../../lab/owner.ts';
import type { LabVps } from '../../lab/vps.ts';
import { singleOptions } from '../../posture/knock/engines.ts';
import { makeSequences } from '../../posture/knock/make.ts';
import { readStack } from '../../posture/read-stack.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job } from '../../transaction/job.ts';
import { type Key, onStop, type Place, runCommand, withPlace } from '../lab/command.ts';
import { type Fault, faultsOf, type Kind } from './faults.ts';
import { type LifetimeOptions, parseOptions, USAGE } from './options.ts';
import { guardedUnits, PATIENCE, type Subject, secondsShut } from './trial.ts';

/** Seconds within which the door has to open again by itself. */
const LIMIT = 15;

// `npm run lifetime`: prints a row as soon as it is measured, so that a long run can be watched.
let stopped = false;
onStop(() => {
  console.error('stopping after this fault; the lab host is removed');
  stopped = true;
});

await runCommand('lifetime', { parse: parseOptions, usage: USAGE }, async (options) =>
  withPlace('lifetime', await testOwner(), (place) => run(options, place)),
);

async function run({ kinds, fault }: LifetimeOptions, { owner, key }: Place): Promise<void> {
  let tried = 0;
  let failed = 0;
  try {
    console.log('| host | what happened | seconds until a knock opens |\n|---|---|---|');
    for (const kind of kinds) {
      const vps = await createVps({
        owner,
        name: `life-${kinds.indexOf(kind)}`,
        release: kind.release,
        authorizedKeys: [key.publicKey],
      });
      const subject = { vps, job: jobOf(vps, kind, key) };
      await harden(subject.job, () => {});
      for (const one of faultsOf(kind).filter(({ name }) => name.includes(fault))) {
        if (stopped) return;
        tried += 1;
        if (!(await row(subject, kind, one))) failed += 1;
      }
      await destroyVps(vps);
    }
  } finally {
    console.log(`\n${tried - failed} of ${tried}: the door opened within ${LIMIT} s.`);
    if (failed > 0) process.exitCode = 1;
  }
}

/** Tries and prints one; false when the door did not open in time, or what the guard looks after did not come up. */
async function row(subject: Subject, kind: Kind, fault: Fault): Promise<boolean> {
  const seconds = await secondsShut(subject, fault).catch((error: unknown) => String(error));
  const units = await guardedUnits(subject.vps);
  const inTime = typeof seconds === 'number' && seconds <= LIMIT;
  const up = units.every((state) => state === 'active');
  const said = typeof seconds === 'number' ? seconds.toFixed(1) : (seconds ?? `not within ${PATIENCE}`);
  console.log(
    `| ${kind.release} ${kind.backend} ${kind.engine} | ${fault.name} | ${said}${up ? '' : `; units: ${units.join(' ')}`} |`,
  );
  return inTime && up;
}

function jobOf(vps: LabVps, { backend, engine }: Kind, { file, publicKey }: Key): Job {
  const raw = {
    network: 'devnet',
    hosts: [{ name: vps.name }],
    admin: { authorizedKeys: [publicKey] },
    firewall: { backend },
    knock: { engine, openSeconds: 5 },
  };
  const host = readStack(raw, 'lifetime', () => '').hosts[0];
  if (host === undefined) throw new Error('no host');
  const { address, addressV6, port, user, hostKeys } = vps;
  const spa = singleOptions({ engine });
  return {
    posture: host.posture,
    sequences: makeSequences({ knocks: 4, close: true, avoid: [], spa }, (below) => randomInt(below)),
    initialAccess: { address, addressV6, port, user, hostKeys },
    identity: { file },
    previous: undefined,
  };
}
