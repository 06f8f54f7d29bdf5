import { readBanner } from '../../remote/banner.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { DoorAddress } from '../host/door.ts';

/** Milliseconds that an sshd may take to say its version. */
const PATIENCE = 3000;

/**
 * Why ssh may have met nothing but a closed connection, in words; undefined where sshd greets its callers, or nothing is
 * open. ssh itself only says that the connection was closed.
 */
export async function hangUp(door: DoorAddress): Promise<string | undefined> {
  const asked = { ...door, timeoutMilliseconds: PATIENCE };
  if ((await probeTcp(asked)).state !== 'open' || (await readBanner(asked)) !== undefined) return undefined;
  return `sshd at ${door.address} hangs up before it says anything. Since OpenSSH 9.8 it turns an address away for up to ten minutes after logins that failed (PerSourcePenalties), and everybody behind the same NAT with it; or too many connections are waiting (MaxStartups). Come from another address, such as with -4 or -6, or wait. \`up\` turns the penalties off.`;
}
