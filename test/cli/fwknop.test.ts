import { expect, it } from 'vitest';
import { host, projectWith } from './fixture.ts';

const spa = { key: `${'k'.repeat(43)}=`, hmacKey: `${'h'.repeat(43)}=` };
const open = [{ port: 17_123, protocol: 'udp', spa } as const];
const deployment = {
  hosts: [host('devnet-1', { knockEngine: 'fwknop', address: '127.0.0.1', addressV6: '::1' })],
  knock: { 'devnet-1': { open, close: null, openSeconds: 30 } },
};

it.concurrent('says that fwknop’s door does not open over IPv6', async () => {
  const { postern } = projectWith({ devnet: deployment });
  const { code, stdout, stderr } = await postern('knock', 'devnet-1', '-6');
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('hears no knock over IPv6: its engine, fwknop, knows IPv4 only');
  expect(stderr).toContain('Try -4.');
});

it.concurrent('writes no script with fwknop’s keys, and says where to read on', async () => {
  const { postern } = projectWith({ devnet: deployment });
  const { code, stdout, stderr } = await postern('knock', 'devnet-1', '--script');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('docs/knocking.md has the lines for it');
  expect(stderr).not.toMatch(/kkk|hhh|17123/);
});
