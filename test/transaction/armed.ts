import type { LabVps } from '../../lab/vps.ts';
import { vantageBy } from '../../remote/vantage/choose.ts';
import { readFacts, step } from '../../transaction/agent.ts';
import { armRollback, planOf } from '../../transaction/arm-rollback.ts';
import { initialAccessRoute, type Login, logIn } from '../../transaction/connect.ts';
import type { Job } from '../../transaction/job.ts';
import type { Plan } from '../../transaction/plan.ts';
import { inside } from './fixture.ts';

/** A change that is armed and goes no further by itself. */
export interface Armed {
  readonly plan: Plan;
  readonly login: Login;
  /** Takes a step of the change over the session that armed it. */
  readonly take: (verb: string, stdin?: string) => Promise<string>;
}

/** Arms a change of a host that is entered by its first way. */
export async function armed(job: Job): Promise<Armed> {
  const login = await logIn([initialAccessRoute(job)], vantageBy(job.initialAccess.jump), () => {});
  const plan = planOf(job, await readFacts(login.session), login);
  await armRollback(login, plan, () => {});
  const take = (verb: string, stdin?: string) =>
    step(login.session, verb, plan.id, stdin === undefined ? {} : { stdin });
  return { plan, login, take };
}

/**
 * Has the host undo what is armed, as the deployer would ask for it, and waits until it has. An undo that was killed at
 * its very end has left no unit to start: the agent is asked itself then, as the next change asks it (arm.sh).
 */
export async function undone(vps: LabVps): Promise<void> {
  const waiting = inside(
    vps,
    `touch /var/lib/postern/change/undo-now
    until grep -q phase=undone /var/lib/postern/record; do
      systemctl start postern-undo.service 2>/dev/null || sh /var/lib/postern/agent/agent.sh expire
      sleep 0.2
    done
    while systemctl -q is-active postern-undo.service || [ "$(systemctl show -p ActiveState --value postern-undo.service)" = activating ]; do sleep 0.1; done`,
    // What a killed undo left may hold the lock for LOCK_PATIENCE (30 s) twice, before the next one ends it.
    150,
  );
  await waiting.catch(async (error: unknown) => {
    const said = await inside(vps, 'journalctl -q -n 30 -o short-precise -u postern-undo.service; ps axf');
    throw new Error(`${String(error)}\n${said}`);
  });
}
