import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import { answering } from '../../posture/exposure/answering.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import { singleOptions } from '../../posture/knock/engines.ts';
import { makeSequences } from '../../posture/knock/make.ts';
import { readStack } from '../../posture/read-stack.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { servedPorts } from '../../posture/served-ports.ts';
import { probeTcp } from '../../remote/probe.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { serializer } from '../../transaction/verify/view.ts';
import { seeded } from '../posture/fixture.ts';
import { front, knocked, knockedOpen } from '../transaction/door.ts';
import { type Case, sectionsOn } from './generate.ts';
import { compare } from './look.ts';
import { clientsOf, networkOf } from './place.ts';
import { unlimitIcmpErrors } from './scan.ts';

/** A lab host that goes from one case to the next, each an ordinary change that enters by the sequence before it. */
export interface Subject {
  readonly vps: LabVps;
  /** Path of the key that it lets in, and that key's public half. */
  readonly key: { readonly file: string; readonly publicKey: string };
  /** As the engine would remember it; undefined before its first case. */
  previous: Previous | undefined;
}

/** What came of a case. */
export interface Outcome {
  readonly posture: Posture;
  /** Where the host is not as computed; empty: all is equal. */
  readonly differences: readonly string[];
  /** Ports and echoes that were probed. */
  readonly probes: number;
  /** Seconds for the change and for looking. */
  readonly seconds: { readonly change: number; readonly look: number };
}

/** Changes the host to a case's posture and measures who can reach what: during the change, before and after a knock. */
export async function tryCase(subject: Subject, made: Case): Promise<Outcome> {
  const begin = performance.now();
  const early = jobOf(subject, made);
  const job = holdsBackupPort(subject, early) ? await comeNear(subject, made, early) : early;
  const during = await change(subject, job);
  await unlimitIcmpErrors(subject.vps);
  const changed = performance.now();
  const before = await compare({ ...subject, ...job, knocked: [], odd: true });
  const after = await throughTheDoor(subject, job, made.knockOver);
  const shut = await closing(subject, job, made.knockOver);
  return {
    posture: job.posture,
    differences: [
      ...during.map((text) => `during the change: ${text}`),
      ...before.differences.map((text) => `before the knock: ${text}`),
      ...after.differences.map((text) => `after the knock: ${text}`),
      ...shut,
    ],
    probes: before.probes + after.probes,
    seconds: { change: (changed - begin) / 1000, look: (performance.now() - changed) / 1000 },
  };
}

function jobOf({ vps, key, previous }: Subject, { sections, sequences }: Case): Job {
  const placed = sectionsOn(sections, (word) => networkOf(word, vps));
  const raw = { ...placed, hosts: [{ name: vps.name }], admin: { authorizedKeys: [key.publicKey] } };
  const host = readStack(raw, 'case', () => '').hosts[0];
  if (host === undefined) throw new Error('no host');
  const { address, addressV6, port, user, hostKeys } = vps;
  const avoid = servedPorts(host.posture);
  return {
    posture: host.posture,
    sequences: makeSequences(
      { knocks: 4, close: true, avoid, spa: singleOptions(host.posture.knock) },
      seeded(sequences),
    ),
    initialAccess: { address, addressV6, port, user, hostKeys },
    identity: { file: key.file },
    previous,
  };
}

/** Whether sshd itself listens where this change wants its backup door: such a change is refused. */
function holdsBackupPort(subject: Subject, { posture }: Job): boolean {
  return sshPortOf(subject) === posture.backup.port;
}

function sshPortOf({ vps, previous }: Subject): number {
  return previous?.posture.ssh.port ?? vps.port;
}

/** The same with another backup port first, as the refusal advises, so that sshd goes from there. */
async function comeNear(subject: Subject, made: Case, refused: Job): Promise<Job> {
  const answer = await harden(refused, () => {}).then(
    () => 'the change',
    (error: unknown) => String(error),
  );
  if (!/backup\.port is \d+, .* nothing was written/s.test(answer))
    throw new Error(`a backup port that sshd listens on was not refused: ${answer}`);
  const taken = [...servedPorts(refused.posture), sshPortOf(subject)];
  let port = 2222;
  while (taken.includes(port)) port += 1;
  const near = jobOf(subject, { ...made, sections: { ...made.sections, backup: { port } } });
  await change(subject, near);
  return jobOf(subject, made);
}

/** One ordinary change; while the host is verified from outside, its backup port is compared with the table. */
async function change(subject: Subject, job: Job): Promise<string[]> {
  let backup: Promise<string[]> = Promise.resolve(['the backup port was never looked at']);
  const sealed = await harden(job, (text) => {
    if (text.startsWith('verifying')) backup = compareBackup(subject.vps, job.posture);
  });
  const { posture, sequences } = job;
  const { hostKeys, verifiedV6 } = sealed;
  subject.previous = { posture, sequences, hostKeys, verifiedV6 };
  return verifiedV6 ? backup : [...(await backup), 'IPv6 was not verified'];
}

async function compareBackup(vps: LabVps, posture: Posture): Promise<string[]> {
  const { knocker, bystander } = clientsOf(vps);
  const sources = [
    vps.gateway,
    vps.gatewayV6,
    ...[knocker, bystander].flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]),
  ];
  const { port } = posture.backup;
  const found = sources.map(async (source) => {
    const address = source.includes(':') ? vps.addressV6 : vps.address;
    const onlooker = { source, deployer: vps.gateway };
    const due = answering(exposureOf(posture), onlooker).some(
      (row) => row.protocol === 'tcp' && row.port === port,
    );
    // A busy machine takes its time to answer; silence is looked at for as long as the others have.
    const timeoutMilliseconds = due ? 2500 : 400;
    const { state } = await probeTcp({ address, port, timeoutMilliseconds, sourceAddress: source });
    return (state === 'open') === due ? [] : [`the backup port is ${state} for ${source}`];
  });
  return (await Promise.all(found)).flat();
}

/** Compares once more with the door open; where it closed by itself meanwhile, because the machine is slow, again. */
async function throughTheDoor(subject: Subject, job: Job, over: readonly (4 | 6)[]) {
  for (let attempt = 1; ; attempt++) {
    for (const family of over) {
      if (await knockedOpen(subject.vps, job, fromKnocker(subject, family))) continue;
      return { differences: [`the door does not open over IPv${family}`], probes: 0 };
    }
    const result = await compare({ ...subject, ...job, knocked: over });
    const still = await Promise.all(
      over.map((family) => front(subject.vps, job, fromKnocker(subject, family))),
    );
    if (result.differences.length === 0 || still.every((state) => state === 'open') || attempt === 4)
      return result;
  }
}

/** A door of few seconds is left to the kernel, any other is closed by its sequence. */
async function closing(subject: Subject, job: Job, over: readonly (4 | 6)[]): Promise<string[]> {
  const { knock } = job.posture;
  const waits = knock.door === 'timed' && knock.openSeconds <= 6;
  const serialize = serializer();
  const found = over.map(async (family) => {
    const from = fromKnocker(subject, family);
    const shut = waits ? expires(subject, job, from, serialize) : serialize(() => closes(subject, job, from));
    return (await shut) ? [] : [`the door does not ${waits ? 'expire' : 'close'} over IPv${family}`];
  });
  return (await Promise.all(found)).flat();
}

type Knocker = ReturnType<typeof fromKnocker>;

/**
 * Knocks anew and watches the time: open until shortly before, shut shortly after. A machine that was too busy to look in
 * time, or sent a knock twice, tries again.
 */
async function expires(
  { vps }: Subject,
  job: Job,
  from: Knocker,
  serialize: ReturnType<typeof serializer>,
): Promise<boolean> {
  const { openSeconds } = job.posture.knock;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (!(await serialize(() => knockedOpen(vps, job, from)))) return false;
    await sleep((openSeconds - 2) * 1000);
    const late = await front(vps, job, from);
    await sleep(2500);
    if (late === 'open' && (await front(vps, job, from)) === 'silent') return true;
    await sleep(openSeconds * 1000);
    if ((await front(vps, job, from)) !== 'silent') return false;
  }
  return false;
}

async function closes({ vps }: Subject, job: Job, from: Knocker): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await knocked(vps, job, job.sequences.close ?? [], 'silent', from)) return true;
  }
  return false;
}

function fromKnocker({ vps }: Subject, family: 4 | 6) {
  const { ipv4, ipv6 } = clientsOf(vps).knocker;
  return family === 4
    ? { address: vps.address, sourceAddress: ipv4 }
    : { address: vps.addressV6, sourceAddress: ipv6 };
}
