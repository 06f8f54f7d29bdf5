import { expect, it } from 'vitest';
import type { HostOutput } from '../../components/outputs.ts';
import type { Access, Exposure } from '../../posture/exposure.ts';
import { host, projectWith } from './fixture.ts';

const anywhere: Access = { to: 'anywhere' };

function row(port: number, purpose: string, access: Access): Exposure[] {
  return (['ipv4', 'ipv6'] as const).map((family) => ({ family, protocol: 'tcp', port, access, purpose }));
}

const evidence: HostOutput['evidence'] = ['ipv4', 'ipv6', 'ipv4'].map((family) => ({
  check: 'ssh port 22',
  family,
  expected: 'silent',
  seen: 'silent',
  at: '2026-11-21T09:57:50Z',
}));

const devnet = {
  hosts: [
    host('devnet-1', {
      address: '10.213.1.2',
      addressV6: 'fd0a:d213:1::2',
      exposure: [
        ...row(4002, 'p2p devnet', anywhere),
        ...row(4003, 'public api', { to: 'networks', networks: ['203.0.113.0/24'] }).slice(0, 1),
        ...row(22, 'ssh', { to: 'knocker', seconds: 30 }),
      ],
      evidence,
    }),
    host('devnet-2', {
      address: '10.213.2.2',
      exposure: row(22, 'ssh', { to: 'knocker', seconds: null }),
      evidence: evidence.slice(0, 1),
    }),
  ],
};

it('ends an `up`: what is reachable now, what after a knock, the evidence, and the next command', async () => {
  const { code, stdout, stderr } = await projectWith({ devnet }).postern('summary', '--stack', 'devnet');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await expect(stdout).toMatchFileSnapshot('golden/summary.txt');
});

it('names the stack in the next command only where it is not clear', async () => {
  const next = async (stacks: Parameters<typeof projectWith>[0]) => {
    const { stdout } = await projectWith(stacks).postern('summary', '--stack', 'devnet');
    return stdout.trimEnd().split('\n').at(-1);
  };
  const other = { hosts: [host('other')] };
  expect(await next({ devnet })).toBe('Next: npx postern ssh devnet-1');
  expect(await next({ devnet: { ...devnet, selected: true }, other })).toBe('Next: npx postern ssh devnet-1');
  expect(await next({ devnet, other })).toBe('Next: npx postern ssh devnet-1 --stack devnet');
});
