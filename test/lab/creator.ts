import { createVps } from '../../lab/create.ts';

/** `node creator.ts OWNER NAME`: a process of its own that makes a host, to be killed or to die. */
const [owner = '', name = ''] = process.argv.slice(2);
await createVps({ owner, name, authorizedKeys: [] });
