import { expect, it } from 'vitest';
import { Fleet } from '../../components/fleet.ts';
import type { HostOutput, KnockOutput } from '../../components/outputs.ts';
import { outputs as answers, type Outputs, resolved, runProgram } from './program.ts';

/** What a program gives out whose hosts the engine answers for like this. */
async function given(hosts: readonly object[], answer: Outputs) {
  let seen: { hosts: HostOutput[]; knock: Record<string, KnockOutput> } | undefined;
  await runProgram(
    async () => {
      const fleet = new Fleet(
        'fleet',
        hosts.map((host) => resolved({ ...host })),
      );
      const value = <T>(of: { apply(use: (value: T) => void): unknown }) =>
        new Promise<T>((resolve) => of.apply(resolve));
      seen = { hosts: await value(fleet.hosts), knock: await value(fleet.knock) };
    },
    { outputs: answer },
  );
  if (seen === undefined) throw new Error('nothing was given out');
  return seen;
}

const hardeningOf =
  (name: string, more: object): Outputs =>
  (resource) => ({
    ...answers(resource),
    ...(resource.type === 'postern:index:Hardening' && resource.name === name ? more : {}),
  });

it('gives out what was proven on a host, not what it is configured to be: a run may have left it out', async () => {
  const { posture } = resolved({ name: 'a', knock: { openSeconds: 20 }, ssh: { port: 2200 } });
  const wished = {
    name: 'a',
    knock: { openSeconds: 60 },
    firewall: { rules: [{ port: 9100, purpose: 'new' }] },
  };
  const { hosts, knock } = await given([wished], hardeningOf('a', { posture }));
  expect(hosts[0]?.sshPort).toBe(2200);
  expect(hosts[0]?.exposure.some(({ port }) => port === 9100)).toBe(false);
  expect(knock['a']?.openSeconds).toBe(20);
});

it('gives out the hosts that are sealed, though a run with --target left another out that never was', async () => {
  const hosts = [{ name: 'a' }, { name: 'b' }];
  const seen = await given(hosts, hardeningOf('b', { sealed: undefined }));
  expect(seen.hosts.map(({ name }) => name)).toEqual(['a']);
  expect(Object.keys(seen.knock)).toEqual(['a']);
});
