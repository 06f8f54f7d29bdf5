import { userInfo } from 'node:os';
import { type Command, familyOptions, stackOption } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit.ts';
import { askedFamily } from '../host/family.ts';
import { sshFiles } from '../ssh/files.ts';
import { addInclude, includeLine } from '../ssh/include.ts';
import { writeSshFiles } from '../ssh/refresh.ts';
import { engineOf } from '../stack/engine.ts';
import { readFleet } from '../stack/fleet.ts';

/** `postern ssh-config`. */
export const sshConfig: Command = {
  name: 'ssh-config',
  summary: 'let plain ssh, scp, rsync, git and Ansible knock by themselves',
  description: [
    'Prints an OpenSSH configuration with an entry for each host of the stack, and keeps it, with the pinned host keys, in .postern/ssh/<stack>/. Each host answers to its name and to <name>.<stack>. Whenever ssh connects, the entry’s ProxyCommand knocks first and asks the stack for the host keys that are valid now. Nothing in these files is secret.',
    'With --write, one Include line is put at the top of ~/.ssh/config, once for all stacks of this folder; nothing else in that file is touched. To undo it, remove the line.',
  ],
  arguments: [],
  options: {
    write: { type: 'flag', summary: 'Make ~/.ssh/config include it, instead of printing it.' },
    ...familyOptions,
    stack: stackOption,
  },
  examples: [
    { command: 'npx --no-install postern ssh-config --write', purpose: 'once; from then on: ssh devnet-1' },
    { command: 'scp node.log devnet-1:', purpose: 'after that, everything that uses ssh knocks' },
    { command: 'npx --no-install postern ssh-config > ssh.conf', purpose: 'for: ssh -F ssh.conf devnet-1' },
  ],
  async run(given, context) {
    const family = askedFamily(given);
    const engine = engineOf(context);
    const fleet = await readFleet(engine, given.text('stack'));
    const text = await writeSshFiles(engine, fleet, family, context);
    const { config } = sshFiles(context.project, fleet.stack);
    const [first] = fleet.hosts;
    if (given.flag('write')) {
      const { path, added } = addInclude(context.project, context.home);
      const line = includeLine(context.project);
      context.stdout.write(`Wrote ${config} (${fleet.hosts.length} hosts of stack ${fleet.stack}).\n`);
      context.stdout.write(
        added
          ? `Added to the top of ${path}: ${line}\n`
          : `${path} includes it already; it was not changed.\n`,
      );
      if (userInfo().homedir !== context.home)
        context.stderr.write(
          `ssh reads ${userInfo().homedir}/.ssh/config, for HOME is set to another folder: ssh -F ${path} ${first?.name}\n`,
        );
      context.stdout.write(`Next: ssh ${first?.name}\n`);
    } else {
      context.stdout.write(text);
      context.stderr.write(`# Kept in ${config}. Use it with: ssh -F ${config} ${first?.name}\n`);
      context.stderr.write('# To have plain ssh use it: npx --no-install postern ssh-config --write\n');
    }
    return exitCode.ok;
  },
};
