// Only these parts of the SDK: the whole of it loads TypeScript and more, which costs a plugin 0.3 s and 60 MB.
import * as log from '@pulumi/pulumi/log/index.js';
import { output } from '@pulumi/pulumi/output.js';
import type { Resource } from '@pulumi/pulumi/resource.js';
import { resetOptions } from '@pulumi/pulumi/runtime/settings.js';
import { excerpt } from '../remote/sanitise.ts';

let streams = 0;

/**
 * Connects this process' log to the engine, whose address is the plugin's last argument, so that what an operation
 * reports shows beside its resource.
 */
export function connectLog(args: readonly string[]): void {
  const engine = args.at(-1);
  if (engine?.includes(':')) resetOptions('postern', 'postern', -1, engine, '', false, '');
}

/** Lines beside the resource while an operation runs (`report`), and such that stay (`warn`). */
export function progressOf(urn: string): { report: (text: string) => void; warn: (text: string) => void } {
  streams += 1;
  const streamId = streams;
  const resource = { urn: output(urn) } as Resource;
  const send = (promise: Promise<void>) => {
    // A lost line of progress must not fail the operation.
    promise.catch(() => {});
  };
  return {
    report: (text) => send(log.info(excerpt(text, 4000), resource, streamId, true)),
    warn: (text) => send(log.warn(excerpt(text, 4000), resource, streamId, false)),
  };
}
