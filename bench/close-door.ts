import { execVps } from '../lab/exec.ts';
import type { LabVps } from '../lab/vps.ts';

const SHUT = '. /etc/postern/door.conf; . /usr/local/lib/postern/firewall; door_forget 4; door_forget 6';

/** Has a sealed host forget whoever knocked. */
export async function closeDoor(vps: LabVps): Promise<void> {
  const { code, stderr } = await execVps(vps, ['sh', '-euc', SHUT]);
  if (code !== 0) throw new Error(`the door could not be shut: ${stderr}`);
}
