import { createVps } from '../../lab/create.ts';

/** `node creator.ts OWNER NAME [MEBIBYTES]`: a process of its own that makes a host, to be killed or to die. */
const [owner = '', name = '', mebibytes] = process.argv.slice(2);
const disk = mebibytes === undefined ? {} : { disk: { mebibytes: Number(mebibytes) } };
await createVps({ owner, name, authorizedKeys: [], ...disk });
