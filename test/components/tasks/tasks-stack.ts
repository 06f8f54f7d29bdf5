import { Fleet } from '../../../components/fleet.ts';
import type { LabVps } from '../../../lab/vps.ts';
import { clientIdentity } from '../../lab/fixture.ts';
import { resolved } from '../program.ts';
import { type EngineStack, engineStack } from './engine-stack.ts';

/** A stack of one lab VPS that existed before, with the tasks that it has when it is run. */
export async function tasksStack(vps: LabVps, tasks: () => readonly object[]): Promise<EngineStack> {
  const { file, publicKey } = await clientIdentity();
  return engineStack(async () => {
    const { name, address, addressV6, hostKeys } = vps;
    const pinned = hostKeys.filter((key) => !key.startsWith('ecdsa-'));
    const target = { type: 'existing', address, addressV6, hostKeys: pinned };
    const host = { name, target, identity: { file }, tasks: tasks() };
    new Fleet('fleet', [resolved(host, { admin: { authorizedKeys: [publicKey] } })]);
  });
}
