import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Candidate, candidatesText, withWanted } from '../../posture/candidates.ts';
import { CandidatesText, WantedText } from '../../posture/schema/candidates.ts';
import { HostName } from '../../posture/schema/text.ts';
import type { LazyHandler } from '../resource/lazy.ts';
import { type PropertyMap, secret, unwrap } from '../resource/values.ts';

/** Inputs of `Candidates`: the host, and the way in that is wanted now, as one text. */
const Inputs = z.strictObject({ host: HostName, wanted: WantedText });

function written(known: readonly Candidate[], properties: PropertyMap): PropertyMap {
  const { host, wanted } = Inputs.parse(unwrap(properties));
  const text = (unwrap(properties) as PropertyMap)['wanted'];
  const all = withWanted(known, wanted, randomBytes(8).toString('hex'));
  return { host, wanted: secret(text), known: secret(candidatesText(all)) };
}

/** How candidates are written down. */
export const candidatesHandler: LazyHandler = {
  async create(inputs) {
    return { id: Inputs.parse(unwrap(inputs)).host, outs: written([], inputs) };
  },

  async read(id, props) {
    return { id, props };
  },

  async update(olds, news) {
    const known = CandidatesText.safeParse((unwrap(olds) as PropertyMap)['known']);
    return { outs: written(known.success ? known.data : [], news) };
  },

  async delete() {},
};
