import { statSync } from 'node:fs';
import type { remote } from '@pulumi/command';
import type * as pulumi from '@pulumi/pulumi';
import { FileArchive, FileAsset } from '@pulumi/pulumi/asset/index.js';
import { secret } from '@pulumi/pulumi/output.js';
import type { CommandTask, CopyTask, Task } from '../../posture/schema/task.ts';
import { localPath } from '../stack-config.ts';
import type { Connection } from './connection.ts';
import { command } from './plugin.ts';
import { refusal } from './refusal.ts';
import { removalName } from './renamed.ts';
import { withTriggers } from './triggers.ts';

/**
 * The resource of one task: a command that is run, or files that are copied.
 *
 * @throws pulumi.RunError when what is to be copied does not exist.
 */
export function newTask(
  host: string,
  task: Task,
  connection: pulumi.Output<Connection>,
  options: pulumi.CustomResourceOptions,
): remote.Command | remote.CopyToRemote {
  // A dot is in neither name, so no two tasks of a stack share one.
  const resource = `${host}.${task.name}`;
  return 'run' in task
    ? newCommand(resource, task, connection, options)
    : newCopy(resource, task, connection, options);
}

function newCommand(
  resource: string,
  task: CommandTask,
  connection: pulumi.Output<Connection>,
  options: pulumi.CustomResourceOptions,
): remote.Command {
  const { run, update, stdin, triggers } = task;
  const { Command } = command().remote;
  return new Command(
    resource,
    {
      connection,
      create: update === undefined ? withTriggers(run, triggers) : run,
      ...(update === undefined ? {} : { update: withTriggers(update, triggers) }),
      // A command that is given secrets may print them.
      ...(stdin === undefined ? {} : { stdin: secret(stdin), logging: 'none' as const }),
      // The sealed sshd takes no environment variables (no AcceptEnv).
      addPreviousOutputInEnv: false,
    },
    {
      ...options,
      // States of earlier versions have triggers of the plugin's own: without them it would replace the task.
      ignoreChanges: ['triggers'],
      ...(stdin === undefined ? {} : { additionalSecretOutputs: ['stdout', 'stderr'] }),
    },
  );
}

/**
 * What the removal of a task runs: a resource of its own, which the engine never replaces. It removes what it replaces last,
 * so that `delete` would undo the new `run`, or be tried on a VPS that is gone. Undefined for a task without a `delete`.
 */
export function newRemoval(
  host: string,
  task: Task,
  connection: pulumi.Output<Connection>,
  options: pulumi.CustomResourceOptions,
): remote.Command | undefined {
  if (!('delete' in task) || task.delete === undefined) return undefined;
  const { name, delete: remove, stdin } = task;
  const { Command } = command().remote;
  // Without `create` and `update` the plugin does not even log in before the removal.
  return new Command(
    removalName(`${host}.${name}`),
    {
      connection,
      delete: remove,
      ...(stdin === undefined ? {} : { stdin: secret(stdin), logging: 'none' as const }),
      addPreviousOutputInEnv: false,
    },
    options,
  );
}

function newCopy(
  resource: string,
  { copy, to, triggers }: CopyTask,
  connection: pulumi.Output<Connection>,
  options: pulumi.CustomResourceOptions,
): remote.CopyToRemote {
  const { CopyToRemote } = command().remote;
  return new CopyToRemote(
    resource,
    { connection, source: sourceOf(resource, copy), remotePath: to, triggers },
    options,
  );
}

function sourceOf(resource: string, copy: string): pulumi.asset.Asset | pulumi.asset.Archive {
  const path = localPath(copy);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw refusal(
      `Task ${resource} cannot copy ${copy}: there is no such file or folder; paths are relative to the project.`,
    );
  // As with rsync: `folder` is copied as a whole, `folder/` is what is in it.
  if (found.isDirectory()) return new FileArchive(copy.endsWith('/') ? `${path}/` : path);
  return new FileAsset(path);
}
