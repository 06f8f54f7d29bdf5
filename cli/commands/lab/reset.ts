import { resetVps } from '../../../lab/create.ts';
import { type Command, stackOption } from '../../command-line/command.ts';
import { exitCode } from '../../command-line/exit.ts';
import { findLabHost } from '../../stack/lab-hosts.ts';

/** `postern lab reset`. */
export const labReset: Command = {
  name: 'lab reset',
  summary: 'put a lab VPS back to the state in which it was created',
  description: [
    'The VPS becomes what a provider would hand out: the same name, addresses and host keys, root on port 22 with the first keys, no firewall, no knock daemon. Everything else on it is gone.',
    'Pulumi does not know about it until it refreshes; the command to type next is printed.',
  ],
  arguments: [{ name: 'host', summary: 'A lab VPS.' }],
  options: { stack: stackOption },
  examples: [
    {
      command: 'npx --no-install postern lab reset devnet-1',
      purpose: 'before rehearsing a first hardening again',
    },
  ],
  async run(given, { project, stdout, stderr }) {
    const { vps, stack } = await findLabHost(project, given.words[0] ?? '', given.text('stack'));
    await resetVps(vps, (line) => stderr.write(`${line}\n`));
    stdout.write(`${vps.name} is as it was created: root on port 22 of ${vps.address}, open to everybody.\n`);
    stdout.write(`Next, to harden it again: npm run up -- ${stack} --refresh\n`);
    return exitCode.ok;
  },
};
