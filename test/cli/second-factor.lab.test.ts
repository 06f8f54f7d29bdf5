import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { toBase32, totpCode } from '../../remote/ssh/totp.ts';
import type { Ended } from './fixture.ts';
import { execute } from './program.ts';
import { type SealedHost, type SealedProject, sealedHost } from './sealed.ts';

// A sealed VPS that asks for codes. What a person types, sshpass types into a terminal once it is asked.
const totp = toBase32(randomBytes(20));
let sealed: SealedHost;
let project: SealedProject;

beforeAll(async () => {
  sealed = await sealedHost('sealed-1', { ssh: { secondFactor: 'totp' } }, totp);
  project = sealed.own;
});

function typing(code: string, ...argv: string[]): Promise<Ended> {
  const env = { ...process.env, SSHPASS: code };
  return execute(['sshpass', '-e', '-P', 'Verification code', ...argv], { env });
}

it('postern ssh asks for the code, and lets nobody in with a wrong one', async () => {
  const { program } = project;
  expect(await typing(totpCode(totp), program, 'ssh', 'sealed-1', '--', 'id -un')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ops\s*$/),
  });
  const wrong = totpCode(toBase32(randomBytes(20)));
  expect((await typing(wrong, program, 'ssh', 'sealed-1', '--', 'id -un')).stdout).not.toMatch(/^ops/m);
});

it('plain ssh asks for it, with what ssh-config wrote', async () => {
  const { program, folder } = project;
  const config = join(folder, 'ssh.conf');
  writeFileSync(config, (await execute([program, 'ssh-config'])).stdout);
  const { code, stdout } = await typing(totpCode(totp), 'ssh', '-F', config, 'sealed-1', 'id -un');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^ops\s*$/) });
});

it('log and doctor come in with the code that the stack’s secret makes', async () => {
  const logged = await project.postern('log', 'sealed-1');
  expect(logged).toMatchObject({ code: 0, stderr: '' });
  const found = await project.postern('doctor', 'sealed-1', '-4');
  expect(found.code, found.stdout).toBe(0);
  expect(logged.stdout + found.stdout).not.toContain(totp);
});
