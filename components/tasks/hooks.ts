import type * as pulumi from '@pulumi/pulumi';
import { ErrorHook, ResourceHook } from '@pulumi/pulumi/resource.js';
import { registerErrorHook, registerResourceHook } from '@pulumi/pulumi/runtime/resource.js';
import { getMonitor, isDryRun } from '@pulumi/pulumi/runtime/settings.js';
import type { HostDoor } from './door.ts';
import { refusal } from './refusal.ts';
import { type HookedRemoval, RenamedTasks } from './renamed.ts';
import { taskDoor } from './task-door.ts';

/** gRPC's status for a method that the other side does not have. */
const UNIMPLEMENTED = 12;

/** What an engine that runs resource hooks runs beside them. */
export interface HookSupport {
  /** Hooks for an operation that failed, which engines learned later. */
  readonly onError: boolean;
}

/** The answers of the engines asked so far; in a program there is one. */
const answers = new WeakMap<object, Promise<HookSupport>>();

/**
 * Finds out, once, whether the engine runs resource hooks.
 *
 * @throws pulumi.RunError saying what to install.
 */
export async function requireHooks(): Promise<HookSupport> {
  const engine = getMonitor() ?? {};
  const answer = answers.get(engine) ?? ask();
  answers.set(engine, answer);
  return answer;
}

/**
 * Registers hooks that are bound to nothing. Asking for the feature is not enough: a language host older than the
 * engine lets the question through and refuses the hook.
 */
async function ask(): Promise<HookSupport> {
  try {
    await registerResourceHook({ name: 'postern-probe', callback: () => {} });
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    throw refusal(
      'Tasks need resource hooks, which this Pulumi engine does not run: install the official Pulumi distribution (https://www.pulumi.com/docs/install) and put it first on PATH, or remove `tasks` from the configuration.',
    );
  }
  const errorHook = registerErrorHook({ name: 'postern-error-probe', callback: () => false });
  return {
    onError: await errorHook.then(
      () => true,
      () => false,
    ),
  };
}

function isUnsupported(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const unknown = 'code' in error && error.code === UNIMPLEMENTED;
  return unknown || /does not support resource hooks/.test(error.message);
}

/** The hooks of one host's tasks; made once, because an engine takes each name once. */
export interface DoorHooks {
  readonly open: pulumi.ResourceHook;
  readonly close: pulumi.ResourceHook;
  /** Undefined where the engine has no such hooks: then the door closes by itself, or with the next task. */
  readonly closeOnError: pulumi.ErrorHook | undefined;
  /** Knocks before a removal. That the door stays closed is only told: where the VPS goes as well, nothing is run on it. */
  readonly openForRemoval: pulumi.ResourceHook;
  /** Before the removal of a task is created, and before it is run: refuses tasks that were renamed. */
  readonly renamed: pulumi.ResourceHook;
}

/** Makes the hooks that knock before a task and close the door after it. */
export function doorHooks(host: string, door: Promise<HostDoor>, support: HookSupport): DoorHooks {
  const { open, close } = taskDoor(door);
  const closeOnError = async () => {
    // What failed is the task; nothing that happens here may take the place of its error. Do not try it again.
    await close().catch(() => {});
    return false;
  };
  const [tasks, isPreview] = [new RenamedTasks(), isDryRun()];
  const renamed = (removal: HookedRemoval) =>
    removal.oldInputs === undefined ? tasks.creates(removal) : tasks.removes(removal, isPreview);
  return {
    open: new ResourceHook(`postern-${host}-open`, open),
    openForRemoval: new ResourceHook(`postern-${host}-open-for-removal`, open, { ignoreErrors: true }),
    // The task is done by then: a door that stays open is warned of and does not undo it.
    close: new ResourceHook(`postern-${host}-close`, close, { ignoreErrors: true }),
    closeOnError: support.onError ? new ErrorHook(`postern-${host}-close-on-error`, closeOnError) : undefined,
    // In a preview as well, because later the new task has run.
    renamed: new ResourceHook(`postern-${host}-renamed`, renamed, { onDryRun: true }),
  };
}

/** Knock before a task is run, and close after it. */
export function bindDoor({ open, close, closeOnError }: DoorHooks): pulumi.ResourceHookBinding {
  return {
    beforeCreate: [open],
    afterCreate: [close],
    beforeUpdate: [open],
    afterUpdate: [close],
    ...(closeOnError === undefined ? {} : { onError: [closeOnError] }),
  };
}

/**
 * Knock before the removal of a task is run, and close after it. Bound only where there is something to do: a resource with
 * a delete hook can only be destroyed by `pulumi destroy --run-program`.
 */
export function bindRemoval({
  openForRemoval,
  close,
  closeOnError,
  renamed,
}: DoorHooks): pulumi.ResourceHookBinding {
  return {
    beforeCreate: [renamed],
    beforeDelete: [renamed, openForRemoval],
    afterDelete: [close],
    ...(closeOnError === undefined ? {} : { onError: [closeOnError] }),
  };
}
