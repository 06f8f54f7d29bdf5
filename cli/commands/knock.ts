import { type Command, familyOptions, type Given, jsonOption, stackOption } from '../command.ts';
import { closeDoor } from '../door.ts';
import { engineOf } from '../engine.ts';
import { CommandError, exitCode, usageError } from '../exit.ts';
import { askedFamily, type Place, placeOf } from '../family.ts';
import { type FoundHost, findHost } from '../fleet.ts';
import { enterHost, frontDoor } from '../knock-host.ts';
import { binaryStdio, carry } from '../pipe.ts';
import { probeServed } from '../served.ts';
import { keepFile, knownHostsText, sshFiles } from '../ssh/files.ts';
import type { World } from '../world.ts';

/** `postern knock`. */
export const knock: Command = {
  name: 'knock',
  summary: 'open the door of a host for this machine, or close it',
  description: [
    'Sends the secret sequence and looks whether the ssh port opened, up to three times. A timed door closes by itself; connections made by then go on. The door opens for the address that knocked and no other.',
    'The sequence comes from the stack’s secret output `knock` and is never printed.',
  ],
  arguments: [{ name: 'host', summary: 'A host of the stack.' }],
  options: {
    close: { type: 'flag', summary: 'Send the closing sequence and look that the port is silent.' },
    proxy: {
      type: 'flag',
      summary: 'Knock, connect, and carry standard input and output: a ProxyCommand for ssh.',
    },
    ...familyOptions,
    stack: stackOption,
    json: jsonOption,
  },
  examples: [
    { command: 'npx postern knock devnet-1', purpose: 'open the door of devnet-1' },
    { command: 'npx postern knock devnet-1 --close', purpose: 'close it before its time is over' },
    { command: 'npx postern knock devnet-1 -6 --json', purpose: 'over IPv6, for a script' },
  ],
  async run(given, world) {
    if (given.flag('proxy') && (given.flag('close') || given.flag('json')))
      throw usageError('--proxy goes with neither --close nor --json');
    const family = askedFamily(given);
    const found = await findHost(engineOf(world), given.words[0] ?? '', given.text('stack'));
    const place = await placeOf(found.host, family);
    if (given.flag('proxy')) return proxy(found, place, world);
    return given.flag('close') ? close(found, place, given, world) : open(found, place, given, world);
  },
};

async function open(found: FoundHost, place: Place, given: Given, world: World) {
  const { socket, knocks, milliseconds } = await enterHost(found, place);
  socket.resetAndDestroy();
  const { openSeconds } = found.knock;
  if (given.flag('json'))
    return printJson(found, place, { state: 'open', knocks, milliseconds, openSeconds }, world);
  const until = openSeconds === null ? 'until the closing knock' : `for ${openSeconds} s`;
  world.stdout.write(
    `${found.host.name}: port ${found.host.sshPort} at ${place.address} is open for this machine ${until} (after ${milliseconds} ms).\n`,
  );
  return exitCode.ok;
}

async function close(found: FoundHost, place: Place, given: Given, world: World) {
  const { host, knock: own } = found;
  if (own.close === null) {
    const itself =
      own.openSeconds === null ? '' : ` Its door closes by itself ${own.openSeconds} s after a knock.`;
    throw new CommandError(`${host.name} has no closing sequence.${itself}`);
  }
  const { silence } = await probeServed(host, place);
  if (!(await closeDoor(frontDoor(found, place), own.close, silence)))
    throw new CommandError(
      `Port ${host.sshPort} of ${host.name} at ${place.address} still answers after the closing knock.`,
      exitCode.door,
    );
  if (given.flag('json')) return printJson(found, place, { state: 'closed' }, world);
  world.stdout.write(`${host.name}: port ${host.sshPort} at ${place.address} is closed.\n`);
  return exitCode.ok;
}

async function proxy(found: FoundHost, place: Place, { project }: World) {
  const { stack, hosts } = found;
  const { socket } = await enterHost(found, place);
  // ssh reads the pinned keys after the server's first words: they are those of the stack now, whoever changed them.
  const { knownHosts } = sshFiles(project, stack);
  keepFile(knownHosts, knownHostsText(stack, hosts));
  return (await carry(socket, binaryStdio())) ? exitCode.ok : exitCode.failed;
}

function printJson({ stack, host }: FoundHost, place: Place, result: object, world: World) {
  const { family, address } = place;
  const where = { stack, host: host.name, family: `ipv${family}`, address, port: host.sshPort };
  world.stdout.write(`${JSON.stringify({ ...where, ...result })}\n`);
  return exitCode.ok;
}
