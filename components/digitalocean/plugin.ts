import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The SDK of DigitalOcean's Pulumi plugin, loaded when the first droplet is configured: a stack without droplets does
 * not pay for it.
 */
export function digitalocean(): typeof import('@pulumi/digitalocean') {
  return require('@pulumi/digitalocean');
}
