import { runProgram } from '../../lab/program.ts';
import type { LabVps } from '../../lab/vps.ts';

/** Addresses on a host's network that its deployer does not come from. */
export interface Bystander {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Somebody who never knocks. Over IPv6 the kernel chooses which of this machine's addresses a deployer comes from. */
export async function bystanderOf(vps: LabVps): Promise<Bystander> {
  const { stdout } = await runProgram(['ip', '-o', 'route', 'get', vps.addressV6]);
  const deployer = / src (\S+)/.exec(stdout)?.[1];
  const ipv6 = vps.otherClientsV6.find((address) => address !== deployer);
  const ipv4 = vps.otherClients.at(-1);
  if (ipv4 === undefined || ipv6 === undefined) throw new Error(`${vps.name} has no other clients`);
  return { ipv4, ipv6 };
}
