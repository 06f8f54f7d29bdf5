import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { problemsOf } from '../../posture/validate/problem.ts';
import { RemoteError, type RemoteErrorKind } from '../../remote/error.ts';
import { sanitise } from '../../remote/sanitise.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import { openSession, type Session } from '../../remote/ssh/session.ts';
import { HardeningInputs } from '../hardening/inputs.ts';
import { located } from '../identity.ts';
import type { Handler, Operation } from '../resource/handler.ts';
import { hasUnknown, type PropertyMap, same, unwrap } from '../resource/values.ts';

/** Inputs of `FirstBoot`: how a VPS that was just made is entered. */
export const FirstBootInputs = HardeningInputs.pick({ way: true, identity: true });

type FirstBootInputs = z.infer<typeof FirstBootInputs>;

/** How long a VPS may take, in seconds. */
export interface Timeouts {
  /** Until it lets in for the first time. */
  readonly login: number;
  /** For cloud-init, from then on. */
  readonly cloudInit: number;
  /** Between two attempts to log in. */
  readonly interval: number;
}

/** A droplet takes about a minute; a first upgrade of its packages some more. */
const PATIENCE: Timeouts = { login: 300, cloudInit: 900, interval: 3 };

/** Failures of this machine or of the configuration: waiting does not mend them. */
const HOPELESS: readonly RemoteErrorKind[] = [
  'bad-identity',
  'cancelled',
  'local',
  'no-client',
  'unresolved',
];

const script = readFileSync(join(import.meta.dirname, 'first-boot.sh'), 'utf8');

/**
 * Waits until a VPS that was just made lets in and its first boot has ended.
 *
 * @throws Error when it does not in time, saying what was met last.
 */
export async function awaitFirstBoot(
  { way, identity }: FirstBootInputs,
  { report, warn, signal }: Pick<Operation, 'report' | 'warn' | 'signal'>,
  patience: Timeouts = PATIENCE,
): Promise<void> {
  report('waiting for the first boot');
  const entry = { ...way, identity: located(identity), sudo: way.user !== 'root' };
  const session = await firstLogin(entry, patience, report, signal);
  try {
    report('in; waiting for cloud-init to end');
    const seconds = patience.cloudInit;
    const options = { script, args: [String(seconds)], timeoutSeconds: seconds + 60, signal };
    const said = expectSuccess(await session.run(options), 'wait for cloud-init').trim();
    const [state, ...details] = said.split('\n');
    if (state === 'running')
      throw new Error(
        `cloud-init on ${way.address} is still running after ${seconds} s; look there with \`cloud-init status --long\`, then run \`pulumi up\` again`,
      );
    // The keys are in place, or nobody would be in; what else a provider's image does at its first boot is its own.
    if (state === 'error')
      warn(
        `cloud-init on ${way.address} reports an error; going on. It says: ${sanitise(details.join('; '), 400)}`,
      );
  } finally {
    await session.close();
  }
}

async function firstLogin(
  way: Parameters<typeof openSession>[0],
  patience: Timeouts,
  report: Operation['report'],
  signal: AbortSignal,
): Promise<Session> {
  const start = performance.now();
  for (;;) {
    try {
      return await openSession(way, { timeoutSeconds: 15, signal });
    } catch (error) {
      const seconds = Math.round((performance.now() - start) / 1000);
      if (!(error instanceof RemoteError) || HOPELESS.includes(error.kind)) throw error;
      if (seconds >= patience.login)
        throw new Error(
          `${way.address} did not let in ${way.user} within ${patience.login} s of being made: ${error.message}\nIts console shows how far it came; if it was made with other keys, have it made anew.`,
          { cause: error },
        );
      report(`waiting for the first boot, ${seconds} s so far (${error.kind})`);
      await sleep(patience.interval * 1000, undefined, { signal });
    }
  }
}

/** The first boot of a VPS. Waited for once; a VPS at another address is another VPS. */
export const firstBoot: Handler = {
  async check(_olds, news) {
    if (hasUnknown(news)) return { inputs: news };
    const parsed = FirstBootInputs.safeParse(unwrap(news));
    return { inputs: news, failures: parsed.success ? [] : problemsOf(parsed.error) };
  },

  async diff(olds, news) {
    const address = (properties: PropertyMap) => (unwrap(properties['way']) as PropertyMap)['address'];
    // An address that is not known yet is that of another VPS.
    const moved = hasUnknown(news) || !same(address(olds), address(news));
    return { changes: moved, replaces: moved ? ['way'] : [] };
  },

  async create(inputs, operation) {
    const parsed = FirstBootInputs.parse(unwrap(inputs));
    await awaitFirstBoot(parsed, operation);
    return { id: parsed.way.address, outs: inputs };
  },

  async read(id, props) {
    return { id, props };
  },

  async update(olds) {
    return { outs: olds };
  },

  async delete() {},
};
