import { setImmediate as nextTurn } from 'node:timers/promises';
import { invoke } from '@pulumi/pulumi/runtime/invoke.js';

/** Turns of the event loop after which a call has left this process; its serialization and the stream take two or three. */
const TURNS = 4;

/**
 * Has the engine start the plugin while the rest of the program is still being read: it would start it at the first
 * resource. Nobody waits for the answer, and a failure shows at that resource.
 *
 * @returns once the call is on its way. Whoever reads modules before that holds it back for as long as that takes.
 */
export async function startPluginEarly(): Promise<void> {
  invoke('postern:index:ready', {}).catch(() => undefined);
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
}

/**
 * Pulumi's SDK has every stack trace translated by source maps, of which a program that Node.js runs itself has none,
 * and takes one for every promise: with eight hosts a tenth of the program's time went there.
 */
export function useNodeStackTraces(): void {
  Reflect.deleteProperty(Error, 'prepareStackTrace');
}
