import { startPluginEarly, useNodeStackTraces } from './components/early-start.ts';

useNodeStackTraces();
await startPluginEarly();

// Only now: what is imported above is read before anything of this file runs.
const { Fleet } = await import('./components/fleet.ts');
const { stackConfig } = await import('./components/stack-config.ts');
const { warnOfRemovals } = await import('./components/removals.ts');

const { hosts: configured } = await stackConfig();
const removals = warnOfRemovals(configured.map(({ name }) => name));
const fleet = new Fleet('fleet', configured);
await removals;

/** Every host of the stack, without secrets: `pulumi stack output hosts --json`. */
export const hosts = fleet.hosts;
/** What opens each host's door: `pulumi stack output knock --json --show-secrets`. */
export const knock = fleet.knock;
/** What authenticator apps are enrolled with, by host: `pulumi stack output secondFactor --json --show-secrets`. */
export const secondFactor = fleet.secondFactor;
