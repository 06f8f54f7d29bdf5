import { z } from 'zod';
import { HostName, LocalPath } from './text.ts';

const Trigger = z.array(z.string()).default([]).describe('The task runs again when one of these changes.');

/** A command that runs on the sealed host. */
export const CommandTask = z.strictObject({
  name: HostName.describe('Name of the task, unique on its host.'),
  run: z.string().min(1).describe('Shell command to run when the task is created.'),
  update: z
    .string()
    .min(1)
    .optional()
    .describe('Shell command for later changes, also of triggers; by default `run` again.'),
  delete: z
    .string()
    .min(1)
    .optional()
    .describe('Shell command when the task is removed; not when it changes.'),
  stdin: z.string().optional().describe('Data for the command, where secrets belong; kept secret.'),
  triggers: Trigger,
});

/** Files that are copied to the sealed host. */
export const CopyTask = z.strictObject({
  name: HostName.describe('Name of the task, unique on its host.'),
  copy: LocalPath.describe('File or folder on this machine.'),
  to: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]*$/, 'must be an absolute path of letters, digits and . _ / -')
    .meta({ title: 'absolute path' })
    .describe('Path on the host.'),
  triggers: Trigger,
});

/** Something to do on the host after it is sealed. */
export const Task = z.union([CommandTask, CopyTask], {
  error: 'must have either `run` (a command) or `copy` and `to`',
});

/** Something to do on the host after it is sealed. */
export type Task = z.infer<typeof Task>;

/** A command that runs on the sealed host. */
export type CommandTask = z.infer<typeof CommandTask>;

/** Files that are copied to the sealed host. */
export type CopyTask = z.infer<typeof CopyTask>;
