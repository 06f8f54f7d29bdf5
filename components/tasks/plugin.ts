import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The SDK of Pulumi's command plugin, loaded when the first task is configured. */
export function command(): typeof import('@pulumi/command') {
  return require('@pulumi/command');
}
