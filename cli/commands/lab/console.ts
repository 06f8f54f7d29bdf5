import { consoleArgv } from '../../../lab/exec.ts';
import { type Command, stackOption } from '../../command-line/command.ts';
import { CommandError } from '../../command-line/exit.ts';
import { runInTerminal } from '../../ssh/run.ts';
import { findLabHost } from '../../stack/lab-hosts.ts';

/** `postern lab console`. */
export const labConsole: Command = {
  name: 'lab console',
  summary: 'a root shell in a lab VPS, whatever its firewall and sshd do',
  description: [
    'What a provider’s web console is for a real VPS: it needs neither network nor sshd. Needs root on this machine. A script on standard input works too.',
  ],
  arguments: [{ name: 'host', summary: 'A lab VPS.' }],
  options: { stack: stackOption },
  examples: [
    { command: 'npx --no-install postern lab console devnet-1', purpose: 'look around inside' },
    { command: 'echo ufw status | npx --no-install postern lab console devnet-1', purpose: 'one command' },
  ],
  exitNote: 'The exit status is that of the shell.',
  async run(given, { project, env }) {
    const { vps } = await findLabHost(project, given.words[0] ?? '', given.text('stack'));
    if (vps.power !== 'on')
      throw new CommandError(
        `${vps.name} has no power. Bring it up: npm run up -- ${given.text('stack') ?? ''}`.trim(),
      );
    return runInTerminal(consoleArgv(vps), env);
  },
};
