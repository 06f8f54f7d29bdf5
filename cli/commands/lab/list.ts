import { type Command, jsonOption, stackOption } from '../../command-line/command.ts';
import { exitCode } from '../../command-line/exit.ts';
import { plain, table } from '../../command-line/table.ts';
import { shortName } from '../../ssh/pinned.ts';
import { labHosts } from '../../stack/lab-hosts.ts';

/** `postern lab list`. */
export const labList: Command = {
  name: 'lab list',
  summary: 'the lab VPSs on this machine',
  description: [
    'Lists the lab VPSs of this folder’s stacks, with their addresses and whether they have power.',
  ],
  arguments: [],
  options: {
    all: { type: 'flag', short: 'a', summary: 'Also those of other folders, and of tests.' },
    stack: { ...stackOption, summary: 'Only those of this Pulumi stack.' },
    json: jsonOption,
  },
  examples: [
    { command: 'npx --no-install postern lab list', purpose: 'every stack of this folder' },
    { command: 'npx --no-install postern lab list --all', purpose: 'everything that runs in the lab' },
  ],
  async run(given, { project, stdout, ...options }) {
    const asked = given.text('stack');
    const stack = asked === undefined ? undefined : shortName(asked);
    const everything = await labHosts(project, given.flag('all'));
    const hosts = everything.filter((host) => stack === undefined || host.stack === stack);
    if (given.flag('json')) {
      const rows = hosts.map((host) => {
        const { name, owner, release, power, address, addressV6 } = host.vps;
        return { stack: host.stack ?? null, host: name, owner, release, power, address, addressV6 };
      });
      stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    } else if (hosts.length === 0) {
      stdout.write('There are no lab VPSs. Make some: npm run up\n');
    } else {
      const rows = hosts.map((host) => {
        const { name, owner, release, power, address, addressV6 } = host.vps;
        return [name, host.stack ?? owner, release, power, address, addressV6].map(plain);
      });
      stdout.write(table(['HOST', 'STACK', 'RELEASE', 'POWER', 'IPV4', 'IPV6'], rows, options));
    }
    return exitCode.ok;
  },
};
