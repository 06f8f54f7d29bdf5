import { readFileSync } from 'node:fs';

// pending-creates.ts STATE: prints the URN of the stack's own resource where every creation that the engine has not seen end can
// be forgotten; nothing where one may have left something behind that only its owner can find, such as a droplet.

/** What is read of a file backend's state. */
interface State {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly { readonly type: string; readonly urn: string }[];
      readonly pending_operations?: readonly {
        readonly type: string;
        readonly resource: { readonly type: string };
      }[];
    };
  };
}

/** Types whose creation leaves nothing that the next `up` does not find: Postern's own, the commands of tasks, components. */
const FORGETTABLE = /^(postern|command|pulumi):/;

const { checkpoint } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as State;
const { resources = [], pending_operations = [] } = checkpoint?.latest ?? {};
const creating = pending_operations.filter(({ type }) => type === 'creating');
const stack = resources.find(({ type }) => type === 'pulumi:pulumi:Stack');
if (creating.length > 0 && creating.every(({ resource }) => FORGETTABLE.test(resource.type)))
  process.stdout.write(stack?.urn ?? '');
