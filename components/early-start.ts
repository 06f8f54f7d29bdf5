import { invoke } from '@pulumi/pulumi/runtime/invoke.js';

/**
 * Has the engine start the plugin while the rest of the program is still being read: it would start it at the first
 * resource. Nobody waits for the answer, and a failure shows at that resource.
 */
export function startPluginEarly(): void {
  invoke('postern:index:ready', {}).catch(() => undefined);
}

/**
 * Pulumi's SDK has every stack trace translated by source maps, of which a program that Node.js runs itself has none,
 * and takes one for every promise: with eight hosts a tenth of the program's time went there.
 */
export function useNodeStackTraces(): void {
  Reflect.deleteProperty(Error, 'prepareStackTrace');
}
