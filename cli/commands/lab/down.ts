import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { destroyOwner } from '../../../lab/destroy.ts';
import { listIds } from '../../../lab/list.ts';
import { type Command, stackOption } from '../../command-line/command.ts';
import { exitCode, usageError } from '../../command-line/exit.ts';
import { sshFiles } from '../../ssh/files.ts';
import { labHosts, labOwner } from '../../stack/lab-hosts.ts';

/** `postern lab down`. */
export const labDown: Command = {
  name: 'lab down',
  summary: 'destroy all lab VPSs of a stack',
  description: [
    'Destroys the lab VPSs of a stack, also those that Pulumi never heard of because an `up` was interrupted, and removes the stack’s entries of `postern ssh-config`. Pulumi is not asked: `npm run down` destroys the stack first and then runs this.',
  ],
  arguments: [],
  options: {
    stack: { ...stackOption, summary: 'The Pulumi stack. Without it: the only one that has lab VPSs.' },
  },
  examples: [
    {
      command: 'npx --no-install postern lab down --stack devnet',
      purpose: 'what `npm run down` does at its end',
    },
  ],
  async run(given, { project, stdout }) {
    const stack = given.text('stack') ?? (await onlyStack(project));
    const owner = labOwner(project, stack);
    const names = (await listIds(owner)).map(({ name }) => name);
    await destroyOwner(owner);
    rmSync(dirname(sshFiles(project, stack).config), { recursive: true, force: true });
    stdout.write(
      names.length === 0
        ? `Stack ${stack} has no lab VPSs.\n`
        : `Destroyed the lab VPSs of stack ${stack}: ${names.join(', ')}.\n`,
    );
    return exitCode.ok;
  },
};

async function onlyStack(project: string): Promise<string> {
  const stacks = [...new Set((await labHosts(project)).flatMap(({ stack }) => stack ?? []))];
  const [first] = stacks;
  if (first === undefined) throw usageError('There are no lab VPSs. Name a stack with --stack');
  if (stacks.length === 1) return first;
  throw usageError(
    `Several stacks have lab VPSs. Say which: ${stacks.map((each) => `--stack ${each}`).join(', ')}`,
  );
}
