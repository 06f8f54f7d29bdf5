import { hasSinglePacket } from '../../posture/knock/sequence.ts';
import type { Family } from '../../remote/address.ts';
import { type Command, familyOptions, type Given, jsonOption, stackOption } from '../command.ts';
import { closeDoor, type Passage } from '../door.ts';
import { engineOf } from '../engine.ts';
import { CommandError, exitCode, usageError } from '../exit.ts';
import { askedFamily, type Place, placeOf } from '../family.ts';
import { type FoundHost, findHost } from '../fleet.ts';
import { enterHost, frontDoor } from '../knock-host.ts';
import { knockScript } from '../knock-script.ts';
import { jumpOf } from '../login.ts';
import { passageBy } from '../passage.ts';
import { binaryStdio, carry } from '../pipe.ts';
import { probeServed } from '../served.ts';
import { keepFile, knownHostsText, sshFiles } from '../ssh/files.ts';
import { runInTerminal } from '../ssh/run.ts';
import { ifKnockable, unfinishedDoors, unfinishedNote } from '../unfinished.ts';
import type { World } from '../world.ts';

/** `postern knock`. */
export const knock: Command = {
  name: 'knock',
  summary: 'open the door of a host for this machine, or close it',
  description: [
    'Sends the secret sequence and looks whether the ssh port opened, up to five times. A timed door closes by itself; connections made by then go on. The door opens for the address that knocked and no other: where the host has a jump host, the knock leaves from there.',
    'The sequence comes from the stack’s secret output `knock` and is printed with --script alone.',
  ],
  arguments: [{ name: 'host', summary: 'A host of the stack.' }],
  options: {
    close: { type: 'flag', summary: 'Send the closing sequence and look that the port is silent.' },
    script: {
      type: 'flag',
      summary:
        'Knock at nothing; print a POSIX shell script that knocks without Postern. It holds the secret sequence. There is none for single packets (fwknop).',
    },
    proxy: {
      type: 'flag',
      summary: 'Knock, connect, and carry standard input and output: a ProxyCommand for ssh.',
    },
    ...familyOptions,
    stack: stackOption,
    json: jsonOption,
  },
  examples: [
    { command: 'npx --no-install postern knock devnet-1', purpose: 'open the door of devnet-1' },
    {
      command: 'npx --no-install postern knock devnet-1 --close',
      purpose: 'close it before its time is over',
    },
    { command: 'npx --no-install postern knock devnet-1 -6 --json', purpose: 'over IPv6, for a script' },
    {
      command: '(umask 077; npx --no-install postern knock devnet-1 --script >knock)',
      purpose: 'where there is no Postern',
    },
  ],
  async run(given, world) {
    if (given.flag('proxy') && (given.flag('close') || given.flag('json')))
      throw usageError('--proxy goes with neither --close nor --json');
    if (given.flag('script') && (given.flag('proxy') || given.flag('json')))
      throw usageError('--script goes with neither --proxy nor --json');
    const family = askedFamily(given);
    const found = await findHost(engineOf(world), given.words[0] ?? '', given.text('stack'));
    if (given.flag('script')) return script(found, family, given, world);
    const passage = await passageBy(jumpOf(found.host, world));
    try {
      const place = await placeOf(found.host, family, passage.vantage);
      const target: Target = { found, place, passage };
      if (given.flag('proxy')) return await proxy(target, world);
      return await (given.flag('close') ? close(target, given, world) : open(target, given, world));
    } finally {
      await passage.close();
    }
  },
};

/** The door that is meant, and how it is come to. */
interface Target {
  readonly found: FoundHost;
  readonly place: Place;
  readonly passage: Passage;
}

async function open({ found, place, passage }: Target, given: Given, world: World) {
  const { socket, knocks, milliseconds, inForce } = await enterHost(found, place, passage);
  socket?.resetAndDestroy();
  const { openSeconds } = found.knock;
  const note = unfinishedNote(inForce, found);
  const unfinished = note === undefined ? {} : { unfinished: true };
  if (given.flag('json'))
    return printJson(
      inForce,
      place,
      { state: 'open', knocks, milliseconds, openSeconds, ...unfinished },
      world,
    );
  if (note !== undefined) world.stderr.write(`${note}\n`);
  const until = openSeconds === null ? 'until the closing knock' : `for ${openSeconds} s`;
  world.stdout.write(
    `${found.host.name}: port ${inForce.host.sshPort} at ${place.address} is open for ${passage.vantage.name} ${until} (after ${milliseconds} ms).\n`,
  );
  return exitCode.ok;
}

/** To standard output alone, with a word about it on standard error, where it does not get into the script. */
function script(found: FoundHost, family: Family | undefined, given: Given, world: World) {
  const { host, knock: own } = found;
  const address = family === 6 ? host.addressV6 : host.address;
  if (address === null) throw new CommandError(`${host.name} has no IPv6 address.`);
  const sequence = given.flag('close') ? own.close : own.open;
  if (sequence === null) throw new CommandError(`${host.name} has no closing sequence.`);
  if (hasSinglePacket(sequence))
    throw new CommandError(
      `${host.name} takes single packets (fwknop), and no script can make one without fwknop’s client: docs/knocking.md has the lines for it.`,
    );
  world.stderr.write(
    `The script holds the secret sequence of ${host.name}: keep it where only you can read it.\n`,
  );
  if (unfinishedDoors(found).length > 0)
    world.stderr.write(
      `It is the sequence that was proven last. A change was cut off or failed since then, and may have another one in force: npm run up -- ${found.stack}, then make the script anew.\n`,
    );
  world.stdout.write(knockScript({ name: host.name, address, sshPort: host.sshPort, sequence }));
  return exitCode.ok;
}

async function close({ found, place, passage }: Target, given: Given, world: World) {
  const { host, knock: own } = found;
  if (own.close === null) {
    const itself =
      own.openSeconds === null ? '' : ` Its door closes by itself ${own.openSeconds} s after a knock.`;
    throw new CommandError(`${host.name} has no closing sequence.${itself}`);
  }
  const { vantage } = passage;
  const { silence } = await probeServed(host, place, vantage);
  let shut = await closeDoor(frontDoor(found, place), own.close, silence, vantage);
  for (const { host: late, knock: other } of unfinishedDoors(found)) {
    const door = { address: place.address, port: late.sshPort };
    const { close: closing } = other;
    if (closing === null || (await vantage.probeTcp(door.address, door.port, silence)).state !== 'open')
      continue;
    const closed = await ifKnockable(() => closeDoor(door, closing, silence, vantage));
    shut ||= closed === true && door.port === host.sshPort;
  }
  if (!shut)
    throw new CommandError(
      `Port ${host.sshPort} of ${host.name} at ${place.address} still answers after the closing knock.`,
      exitCode.door,
    );
  if (given.flag('json')) return printJson(found, place, { state: 'closed' }, world);
  world.stdout.write(`${host.name}: port ${host.sshPort} at ${place.address} is closed.\n`);
  return exitCode.ok;
}

async function proxy({ found, place, passage }: Target, { project, env }: World) {
  const { stack, hosts } = found;
  const { socket, inForce } = await enterHost(found, place, passage);
  // ssh reads the pinned keys after the server's first words: they are those of the stack now, whoever changed them.
  const { knownHosts } = sshFiles(project, stack);
  keepFile(knownHosts, knownHostsText(stack, hosts));
  if (socket !== undefined) return (await carry(socket, binaryStdio())) ? exitCode.ok : exitCode.failed;
  return runInTerminal((await passage.tunnel(frontDoor(inForce, place))) ?? [], env);
}

function printJson({ stack, host }: FoundHost, place: Place, result: object, world: World) {
  const { family, address } = place;
  const where = { stack, host: host.name, family: `ipv${family}`, address, port: host.sshPort };
  world.stdout.write(`${JSON.stringify({ ...where, ...result })}\n`);
  return exitCode.ok;
}
