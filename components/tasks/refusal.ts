import type * as pulumi from '@pulumi/pulumi';
import { RunError } from '@pulumi/pulumi/errors.js';

/**
 * An error that is shown as its message alone. What fails after the program's last line Pulumi prints with its stack,
 * even a RunError; without a stack it prints the message.
 */
export function refusal(message: string): pulumi.RunError {
  const error = new RunError(message);
  error.stack = '';
  return error;
}
