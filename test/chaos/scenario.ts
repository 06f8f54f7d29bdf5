import { RELEASES, type Release } from '../../lab/base.ts';
import { BACKENDS, type Backend, ENGINES, type Engine } from '../exposure/generate.ts';
import { FAULT_NAMES, type FaultName } from './fault-names.ts';
import { type Random, randomOf } from './random.ts';

/** What is done to a host while the fault happens. */
export const OPERATIONS = ['first-change', 'change', 'switch', 'destroy'] as const;

/** One of {@link OPERATIONS}: a bare host is sealed; a sealed host gets another posture, or another firewall or engine, or is given back. */
export type Operation = (typeof OPERATIONS)[number];

/** A posture of a run, as far as it is varied. */
export interface Setup {
  readonly backend: Backend;
  readonly engine: Engine;
  readonly port: number;
  readonly door: 'timed' | 'held';
  /** A port that is open to everybody. */
  readonly service: number;
}

/** When the fault happens. */
export interface Moment {
  /** What the deployer says at its beginning. */
  readonly phase: string;
  /** Milliseconds after that; the operation may be over by then. */
  readonly milliseconds: number;
  /** In the rollback of a change that is cancelled at that moment, so many milliseconds after it has begun. */
  readonly rollback?: number | undefined;
}

/** One run: everything that is decided beforehand. */
export interface Scenario {
  readonly seed: number;
  readonly release: Release;
  readonly operation: Operation;
  /** What the host is sealed with before; undefined for a first change. */
  readonly from: Setup | undefined;
  /** What it is to be; for `destroy`, what it is. */
  readonly to: Setup;
  /** The packages are there before, so that a rollback can be compared with the whole host. */
  readonly packages: boolean;
  readonly mebibytes: number;
  readonly fault: FaultName;
  /** Seconds that the fault lasts, for those that last. */
  readonly seconds: number;
  readonly moment: Moment;
  /** After a destroy that failed: whether it is tried again, or the host is hardened. */
  readonly again: 'destroy' | 'harden';
}

/** What the command line narrows a run to. */
export interface Limits {
  readonly release?: Release | undefined;
  readonly backend?: Backend | undefined;
  readonly engine?: Engine | undefined;
  readonly operation?: Operation | undefined;
  readonly fault?: FaultName | undefined;
}

/** What a deployer says as each part of a change begins. */
const CHANGE_PHASES = [
  'logged in by',
  'gathering facts',
  'arming',
  'installing',
  'switching',
  'verifying',
  'committing',
  'sealing',
];

/** The same of a host that is given back. */
const DESTROY_PHASES = [
  'logged in by',
  'arming',
  'restoring the snapshot',
  'logging in by the initial access',
  'committing the restore',
  'having the host remove',
];

/** The run of a seed. The same limits and seed make the same run. */
export function scenarioOf(seed: number, limits: Limits = {}): Scenario {
  const random = randomOf(seed);
  const among = <T>(list: readonly T[], only: T | undefined) =>
    random.pick(only === undefined ? list : [only]);
  const operation = among(OPERATIONS, limits.operation);
  const engine = among(ENGINES, limits.engine);
  // No other release has an fwknopd that Postern takes.
  const releases = engine === 'fwknop' ? RELEASES.filter((name) => name !== 'trixie') : RELEASES;
  const release = among(releases, limits.release);
  const to = setupOf(random, among(BACKENDS, limits.backend), engine);
  const from = fromOf(random, operation, to, release);
  const fault = among(
    FAULT_NAMES.filter((name) => fits(name, operation, [to, ...(from === undefined ? [] : [from])])),
    limits.fault,
  );
  const ofPackages = PACKAGE_FAULTS.includes(fault);
  return {
    seed,
    release,
    operation,
    from,
    to: operation === 'destroy' && from !== undefined ? from : to,
    packages: !random.oneIn(3) && !ofPackages,
    mebibytes: random.pick([384, 512, 1024]),
    fault,
    seconds: random.pick([2, 5, 10, 20, 45]),
    moment: momentOf(
      random,
      ofPackages ? ['installing'] : operation === 'destroy' ? DESTROY_PHASES : CHANGE_PHASES,
    ),
    again: random.pick(['destroy', 'harden']),
  };
}

/** Faults that there is nothing for unless packages are being installed. */
const PACKAGE_FAULTS: readonly FaultName[] = ['kill-packages', 'lock-packages'];

/** Whether there may be something for a fault to happen to. */
function fits(fault: FaultName, operation: Operation, setups: readonly Setup[]): boolean {
  if (PACKAGE_FAULTS.includes(fault)) return operation === 'first-change' || operation === 'switch';
  return fault !== 'kill-listener' || setups.some(({ engine }) => engine !== 'kernel');
}

function setupOf(random: Random, backend: Backend, engine: Engine): Setup {
  return {
    backend,
    engine,
    port: random.pick([22, 22, 2200]),
    door: random.pick(['timed', 'held']),
    service: random.between(4004, 4999),
  };
}

function fromOf(random: Random, operation: Operation, to: Setup, release: Release): Setup | undefined {
  const backends = BACKENDS.filter((name) => name !== to.backend);
  const engines = ENGINES.filter((name) => name !== 'fwknop' || release !== 'trixie');
  // Drawn whatever the operation is, so that it is the only difference between two runs of a seed.
  const other = setupOf(random, random.pick(backends), random.pick(engines));
  switch (operation) {
    case 'first-change':
      return undefined;
    case 'switch':
      return other;
    default:
      return { ...other, backend: to.backend, engine: to.engine };
  }
}

function momentOf(random: Random, phases: readonly string[]): Moment {
  const phase = random.pick(phases);
  const milliseconds = random.between(0, random.pick([300, 1500, 5000]));
  const rollback = random.between(0, random.pick([300, 1500, 5000]));
  return { phase, milliseconds, ...(random.oneIn(5) ? { rollback } : {}) };
}

/** A run in a few words. */
export function describeScenario({ release, operation, from, to, fault, seconds, moment }: Scenario): string {
  const words = ({ backend, engine }: Setup) => `${backend} ${engine}`;
  const change = from === undefined || operation === 'destroy' ? words(to) : `${words(from)} → ${words(to)}`;
  const rollback = moment.rollback === undefined ? '' : `, then ${moment.rollback} ms into the rollback`;
  return `${release}, ${operation}, ${change}: ${fault} (${seconds} s) at “${moment.phase}” + ${moment.milliseconds} ms${rollback}`;
}
