import type { Session } from '../remote/ssh/session.ts';
import { step } from './agent.ts';
import type { Plan } from './plan.ts';

/**
 * Tells the host that its deployer is still there for as long as `run` takes, where that is long: a verification that
 * knocks again and again is not the silence after which the host undoes the change. A beat that does not arrive is no
 * error here; the host draws its conclusion.
 */
export async function withHeartbeat<T>(session: Session, plan: Plan, run: () => Promise<T>): Promise<T> {
  const third = (plan.posture.verify.rollbackSeconds * 1000) / 3;
  const timer = setInterval(() => {
    step(session, 'alive', plan.id, { timeoutSeconds: 20 }).catch(() => {});
  }, third);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
