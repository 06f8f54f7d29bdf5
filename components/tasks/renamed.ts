import type * as pulumi from '@pulumi/pulumi';

/** What a hook is told of the removal of a task. */
export type HookedRemoval = Pick<pulumi.ResourceHookArgs, 'urn' | 'name' | 'newInputs' | 'oldInputs'>;

const REMOVAL = '.removal';

/** What the resource of a task's removal is called. */
export function removalName(task: string): string {
  return `${task}${REMOVAL}`;
}

/**
 * Finds tasks that were renamed. To the engine that is one task more and another one less, and it removes last: the
 * `delete` of the old name would take back what `run` of the new name has done.
 */
export class RenamedTasks {
  /** `delete` of the tasks that this run creates, by the name of their removal. */
  readonly #created = new Map<string, unknown>();

  /** A task with a `delete` is about to be created. */
  creates({ name, newInputs }: HookedRemoval): void {
    this.#created.set(name, newInputs?.['delete']);
  }

  /**
   * A task is about to be removed.
   *
   * @throws Error when one that this run creates has the same `delete` under another name.
   */
  removes({ name, urn, oldInputs }: HookedRemoval, isPreview: boolean): void {
    const command: unknown = oldInputs?.['delete'];
    const heir = [...this.#created].find(([, other]) => command !== undefined && other === command);
    if (heir === undefined) return;
    const [task, to] = [name, heir[0]].map((removal) => removal.replace(REMOVAL, ''));
    const state = isPreview
      ? `rename '${urn.replace(REMOVAL, '')}' ${to} && npx pulumi state rename '${urn}' ${heir[0]}`
      : `delete '${urn}'`;
    throw new Error(
      `task ${task} is to be removed after ${to}, which has the same \`delete\`, was created: that command would undo what ${to} does. ${
        isPreview ? 'Nothing was changed' : `It was not run, and ${to} has done its work`
      }. If ${task} is called ${to} from now on: npx pulumi state ${state}. If not, remove the one first and add the other in the next run. Then run \`pulumi up\` again`,
    );
  }
}
