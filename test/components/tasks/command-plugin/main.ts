import { main } from '@pulumi/pulumi/provider/index.js';
import { type PropertyMap, same, unwrap } from '../../../../provider/resource/values.ts';
import { type Copy, copy } from './copy.ts';
import { type Connection, run } from './login.ts';

/** What of `command:remote:Command` the tests need. */
interface Command {
  readonly connection: Connection;
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly stdin?: string;
}

/** Inputs of the real plugin's resources, by which it compares. */
const INPUTS = [
  ...['connection', 'create', 'update', 'delete', 'stdin', 'logging', 'addPreviousOutputInEnv', 'triggers'],
  ...['source', 'remotePath', 'keys', 'sequences'],
];

type Kind = 'Command' | 'CopyToRemote' | 'Vps';

/** The last one is of the tests' own: a VPS of which there is only its name, and a new one after any change. */
function kindOf(urn: string): Kind {
  return (urn.split('::')[2]?.split(':').at(-1) ?? '') as Kind;
}

function commanded(inputs: PropertyMap, text: (command: Command) => string | undefined): PropertyMap {
  const command = unwrap(inputs) as unknown as Command;
  const line = text(command);
  if (line === undefined) return { ...inputs, stdout: '', stderr: '' };
  return { ...inputs, stdout: run(command.connection, line, command.stdin), stderr: '' };
}

/** Copies only what is another file or has another place, whatever else has changed. */
function copied(news: PropertyMap, olds?: PropertyMap): PropertyMap {
  const [wanted, had] = [unwrap(news), unwrap(olds)] as unknown as [Copy, Copy | undefined];
  if (had?.source.hash !== wanted.source.hash || had.remotePath !== wanted.remotePath) copy(wanted);
  return news;
}

await main(
  {
    version: '1.2.1',
    check: async (_urn, _olds, news) => ({ inputs: news }),
    diff: async (_id, urn, olds, news) => {
      const changed = INPUTS.filter((key) => !same(unwrap(olds[key]), unwrap(news[key])));
      const made = kindOf(urn) === 'Vps';
      const replaces = changed.filter((key) => made || key === 'triggers');
      return { changes: changed.length > 0, replaces, deleteBeforeReplace: made };
    },
    create: async (urn, inputs) => {
      const id = `made-${Date.now()}`;
      switch (kindOf(urn)) {
        case 'Command':
          return { id, outs: commanded(inputs, ({ create }) => create) };
        case 'CopyToRemote':
          return { id, outs: copied(inputs) };
        case 'Vps':
          return { id, outs: { ...inputs, sealed: { hostKeys: inputs['keys'] } } };
      }
    },
    update: async (_id, urn, olds, news) => ({
      outs:
        kindOf(urn) === 'Command'
          ? commanded(news, ({ create, update }) => update ?? create)
          : copied(news, olds),
    }),
    delete: async (_id, urn, state) => {
      const command = unwrap(state) as unknown as Command;
      if (kindOf(urn) === 'Command' && command.delete !== undefined)
        run(command.connection, command.delete, command.stdin);
    },
  },
  process.argv.slice(2),
);
