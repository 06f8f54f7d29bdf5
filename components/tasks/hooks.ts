import * as pulumi from '@pulumi/pulumi';
import { closeDoor, type Door, openDoor } from './door.ts';
import { refusal } from './refusal.ts';

/** gRPC's status for a method that the other side does not have. */
const UNIMPLEMENTED = 12;

/** The answers of the engines asked so far; in a program there is one. */
const answers = new WeakMap<object, Promise<void>>();

/**
 * Finds out, once, whether the engine runs resource hooks.
 *
 * @throws pulumi.RunError saying what to install.
 */
export async function requireHooks(): Promise<void> {
  const engine = pulumi.runtime.getMonitor();
  if (engine === undefined) return;
  const answer = answers.get(engine) ?? probe();
  answers.set(engine, answer);
  await answer;
}

/**
 * Registers a hook that is bound to nothing. Asking for the feature is not enough: a language host older than the
 * engine lets the question through and refuses the hook.
 */
async function probe(): Promise<void> {
  try {
    await pulumi.runtime.registerResourceHook({ name: 'postern-probe', callback: () => {} });
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    throw refusal(
      'Tasks need resource hooks, which this Pulumi engine does not run: install the official Pulumi distribution (https://www.pulumi.com/docs/install) and put it first on PATH, or remove `tasks` from the configuration.',
    );
  }
}

function isUnsupported(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === UNIMPLEMENTED) || /does not support resource hooks/.test(error.message)
  );
}

/** The hooks of one host's tasks; made once, because an engine takes each name once. */
export interface DoorHooks {
  readonly open: pulumi.ResourceHook;
  readonly close: pulumi.ResourceHook;
}

/** Makes the hooks that knock before a task and close the door after it. */
export function doorHooks(host: string, door: Promise<Door>): DoorHooks {
  return {
    open: new pulumi.ResourceHook(`postern-${host}-open`, async () => openDoor(await door)),
    // The task is done by then: a door that stays open is warned of and does not undo it.
    close: new pulumi.ResourceHook(`postern-${host}-close`, async () => closeDoor(await door), {
      ignoreErrors: true,
    }),
  };
}

/**
 * Knock before and close after. Deletion is bound only where there is something to do: a resource with a delete hook
 * can only be destroyed by `pulumi destroy --run-program`.
 */
export function bindDoor({ open, close }: DoorHooks, withDelete: boolean): pulumi.ResourceHookBinding {
  return {
    beforeCreate: [open],
    afterCreate: [close],
    beforeUpdate: [open],
    afterUpdate: [close],
    ...(withDelete ? { beforeDelete: [open], afterDelete: [close] } : {}),
  };
}
