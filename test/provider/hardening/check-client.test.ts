import { expect, it } from 'vitest';
import { checkClient } from '../../../provider/hardening/check-client.ts';
import { hardening } from '../../../provider/hardening/hardening.ts';
import { hardeningInputs, operation } from '../inputs.ts';

const wish = (profile: string) => hardeningInputs({ ssh: { profile } });

it('refuses a post-quantum wish that this machine’s ssh client could not fulfil', async () => {
  const old = async () => ['curve25519-sha256', 'ecdh-sha2-nistp256'];
  expect(await checkClient(wish('post-quantum'), old)).toEqual([
    { property: 'posture.ssh.profile', reason: expect.stringContaining('would lock this machine out') },
  ]);
  expect(await checkClient(wish('modern'), old)).toEqual([]);
});

it('lets it pass where the client knows one of the key exchanges', async () => {
  const recent = async () => ['curve25519-sha256', 'sntrup761x25519-sha512@openssh.com'];
  expect(await checkClient(wish('post-quantum'), recent)).toEqual([]);
});

it('refuses fwknop where this machine has no client for it, in the preview', async () => {
  const missing = async () => 'it is not there';
  const never = async () => {
    throw new Error('asked for nothing');
  };
  const spa = hardeningInputs({ knock: { engine: 'fwknop' } });
  expect(await checkClient(spa, never, missing)).toEqual([
    { property: 'posture.knock.engine', reason: 'it is not there' },
  ]);
  expect(await checkClient(wish('modern'), never, never)).toEqual([]);
});

it('is asked in the preview', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  try {
    const { failures } = await hardening.check({}, wish('post-quantum'), operation);
    expect(failures).toEqual([expect.objectContaining({ property: 'posture.ssh.profile' })]);
  } finally {
    process.env['PATH'] = path;
  }
});
