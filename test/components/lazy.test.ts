import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { Fleet } from '../../components/fleet.ts';
import { resolved, runProgram } from './program.ts';

const { cache } = createRequire(import.meta.url);

function loaded(sdk: string): boolean {
  return Object.keys(cache).some((path) => path.includes(`/node_modules/${sdk}/`));
}

it('a stack without droplets and tasks does not load the SDKs for them', async () => {
  await runProgram(() => new Fleet('fleet', [resolved({ name: 'node-1' })]));
  expect(loaded('@pulumi/pulumi')).toBe(true);
  expect(loaded('@pulumi/digitalocean')).toBe(false);
  expect(loaded('@pulumi/command')).toBe(false);
  await runProgram(
    () =>
      new Fleet('fleet', [resolved({ name: 'node-1', target: { type: 'digitalocean', region: 'fra1' } })]),
  );
  expect(loaded('@pulumi/digitalocean')).toBe(true);
});
