import { expect, it, vi } from 'vitest';
import { clientInstead } from '../knock/client.ts';
import { temporaryFolder } from '../temporary-folder.ts';
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

it('looks at the fleet all the same where fwknop’s client is missing, and says who was not knocked at', async () => {
  vi.stubEnv('PATH', await clientInstead(temporaryFolder(), 'exit 127'));
  const { postern } = projectWith({ devnet: deployment });
  const { code, stdout, stderr } = await postern('status').finally(() => vi.unstubAllEnvs());
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
  // Loopback answers with a reset: so it was measured.
  expect(stdout).toMatch(/devnet-1 +127\.0\.0\.1 +\d+ ssh ANSWERS!/);
  expect(stdout).toContain('devnet-1: not knocked at: fwknop needs fwknop’s client on this machine');
});
