import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { openSession, type Session } from '../../remote/ssh/session.ts';
import type { SshTarget } from '../../remote/ssh/target.ts';
import { clientIdentity } from '../lab/fixture.ts';

/** The way in to a fresh lab host: root with the fixture's key, given as a secret. */
export async function wayTo(vps: LabVps, more: Partial<SshTarget> = {}): Promise<SshTarget> {
  const { file } = await clientIdentity();
  const identity = { privateKey: readFileSync(file, 'utf8') };
  return {
    address: vps.address,
    port: 22,
    user: 'root',
    hostKeys: vps.hostKeys,
    identity,
    sudo: false,
    ...more,
  };
}

/** Prepares a host by a shell script run inside it, not over the network; the script has to succeed. */
export async function inside(vps: LabVps, script: string): Promise<string> {
  const { code, stdout, stderr } = await execVps(vps, ['sh', '-euc', script]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

/** Opens a session, uses it and closes it, whatever `use` does. */
export async function withSession<T>(target: SshTarget, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(target, { timeoutSeconds: 10 });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
