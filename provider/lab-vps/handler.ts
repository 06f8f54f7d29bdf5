import { join } from 'node:path';
import { z } from 'zod';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { stackOwner } from '../../lab/owner.ts';
import { labSupport } from '../../lab/support.ts';
import { readVps } from '../../lab/vps.ts';
import { PublicKey } from '../../posture/schema/public-key.ts';
import { LabTarget } from '../../posture/schema/target.ts';
import { HostName } from '../../posture/schema/text.ts';
import { partsOfUrn } from '../../transaction/record/urn.ts';
import type { Operation } from '../resource/handler.ts';
import type { LazyHandler } from '../resource/lazy.ts';
import { type PropertyMap, unwrap } from '../resource/values.ts';

/** Inputs of `LabVps`: a VPS on this machine, made as a cloud provider would make it. */
export const LabVpsInputs = z.strictObject({
  name: HostName,
  release: LabTarget.shape.release,
  authorizedKeys: z.array(PublicKey).min(1),
});

type LabVpsInputs = z.infer<typeof LabVpsInputs>;

const PROJECT = join(import.meta.dirname, '../..');

/** A stack's hosts are told from those of other stacks and other clones. */
function ownerOf(urn: string): string {
  return stackOwner(PROJECT, partsOfUrn(urn).stack);
}

async function boot(properties: PropertyMap, { report, urn }: Operation): Promise<PropertyMap> {
  const inputs: LabVpsInputs = LabVpsInputs.parse(unwrap(properties));
  report('booting a VPS');
  const vps = await createVps({ owner: ownerOf(urn), ...inputs, onProgress: report });
  const { address, addressV6, port, user, hostKeys } = vps;
  return { ...inputs, address, addressV6, port, user, hostKeys };
}

/** How a VPS on this machine is made and ended. */
export const labVpsHandler: LazyHandler = {
  async create(inputs, operation) {
    const support = labSupport();
    if (!support.ok) throw new Error(support.reason);
    const outs = await boot(inputs, operation);
    return { id: String(outs['name']), outs };
  },

  async read(id, state, { urn }) {
    const vps = await readVps({ owner: ownerOf(urn), name: id });
    // Without an id the engine forgets the resource, and the next `up` makes it anew.
    return vps === undefined ? { id: '', props: {} } : { id, props: state };
  },

  async update(_olds, news, operation) {
    return { outs: await boot(news, operation) };
  },

  async delete(state, { urn }) {
    await destroyVps({ owner: ownerOf(urn), name: LabVpsInputs.shape.name.parse(unwrap(state['name'])) });
  },
};
