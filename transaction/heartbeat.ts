import type { Session } from '../remote/ssh/session.ts';
import { step } from './agent.ts';
import type { Plan } from './plan.ts';
import { stepTimeout } from './time-limits.ts';

/**
 * Tells the host that its deployer is still there for as long as `run` takes, where that is long: a verification that
 * knocks again and again, or a login to a slow host, is not the silence after which the host undoes the change. A beat
 * that does not arrive is no error here; the host draws its conclusion.
 *
 * @param session the channel to the host at the moment of a beat; undefined while there is none.
 */
export async function withHeartbeat<T>(
  session: () => Session | undefined,
  plan: Plan,
  run: () => Promise<T>,
): Promise<T> {
  const third = (plan.posture.verify.rollbackSeconds * 1000) / 3;
  let beating = false;
  const beat = async () => {
    const channel = session();
    // One at a time: it waits for the step that is at work.
    if (beating || channel === undefined) return;
    beating = true;
    await step(channel, 'heartbeat', plan.id, { timeoutSeconds: stepTimeout(plan.posture) }).catch(() => {});
    beating = false;
  };
  const timer = setInterval(beat, third);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
