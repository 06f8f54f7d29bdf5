import { appendFileSync } from 'node:fs';
import { main } from '@pulumi/pulumi/provider/index.js';
import { type PropertyMap, same, unwrap } from '../../../../provider/resource/values.ts';

/** Where it is written down what became of droplets. */
const LOG = process.env['STAND_IN_DROPLETS'] ?? '/dev/null';

function note(what: string, urn: string, { region }: PropertyMap): void {
  if (urn.includes(':Droplet::')) appendFileSync(LOG, `${what} ${region}\n`);
}

await main(
  {
    version: '4.80.1',
    check: async (_urn, _olds, news) => ({ inputs: news }),
    // As the real one: a region cannot be changed, and a name that was given cannot be there twice.
    diff: async (_id, _urn, olds, news) => {
      const changed = Object.keys(news).filter((key) => !same(unwrap(olds[key]), unwrap(news[key])));
      const replaces = changed.filter((key) => key === 'region');
      return { changes: changed.length > 0, replaces, deleteBeforeReplace: true };
    },
    create: async (urn, inputs) => {
      note('create', urn, inputs);
      return { id: String(Date.now()), outs: { ...inputs, ipv4Address: '', ipv6Address: '' } };
    },
    update: async (_id, _urn, _olds, news) => ({ outs: news }),
    delete: async (_id, urn, state) => note('delete', urn, state),
  },
  process.argv.slice(2),
);
