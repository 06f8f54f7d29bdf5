import { hasSinglePacket } from '../../posture/knock/sequence.ts';
import type { Family } from '../../remote/address.ts';
import {
  type Command,
  familyOptions,
  jsonOption,
  type ParsedArgs,
  stackOption,
} from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { CommandError, exitCode, usageError } from '../command-line/exit.ts';
import { knockToClose, type Transport } from '../host/door.ts';
import { askedFamily, type Place, placeOf } from '../host/family.ts';
import { frontDoor, openHost } from '../host/knock-host.ts';
import { jumpOf } from '../host/login-identity.ts';
import { probeOpenPorts } from '../host/open-ports.ts';
import { transportBy } from '../host/transport.ts';
import { knockScript } from '../knock-script/knock-script.ts';
import { keepFile, knownHostsText, sshFiles } from '../ssh/files.ts';
import { binaryStdio, carry } from '../ssh/pipe.ts';
import { runInTerminal } from '../ssh/run.ts';
import { engineOf } from '../stack/engine.ts';
import { type FoundHost, findHost } from '../stack/fleet.ts';
import { ifKnockable, unfinishedDoors, unfinishedNote } from '../stack/unfinished.ts';

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
  async run(given, context) {
    if (given.flag('proxy') && (given.flag('close') || given.flag('json')))
      throw usageError('--proxy goes with neither --close nor --json');
    if (given.flag('script') && (given.flag('proxy') || given.flag('json')))
      throw usageError('--script goes with neither --proxy nor --json');
    const family = askedFamily(given);
    const found = await findHost(engineOf(context), given.words[0] ?? '', given.text('stack'));
    if (given.flag('script')) return script(found, family, given, context);
    const transport = await transportBy(jumpOf(found.host, context));
    try {
      const place = await placeOf(found.host, family, transport.vantage);
      const target: Target = { found, place, transport };
      if (given.flag('proxy')) return await proxy(target, context);
      return await (given.flag('close') ? close(target, given, context) : open(target, given, context));
    } finally {
      await transport.close();
    }
  },
};

/** The door that is meant, and how it is come to. */
interface Target {
  readonly found: FoundHost;
  readonly place: Place;
  readonly transport: Transport;
}

async function open({ found, place, transport }: Target, given: ParsedArgs, context: Context) {
  const { socket, knocks, milliseconds, inForce } = await openHost(found, place, transport);
  socket?.resetAndDestroy();
  const { openSeconds } = found.knock;
  const note = unfinishedNote(inForce, found);
  const unfinished = note === undefined ? {} : { unfinished: true };
  if (given.flag('json'))
    return printJson(
      inForce,
      place,
      { state: 'open', knocks, milliseconds, openSeconds, ...unfinished },
      context,
    );
  if (note !== undefined) context.stderr.write(`${note}\n`);
  const until = openSeconds === null ? 'until the closing knock' : `for ${openSeconds} s`;
  context.stdout.write(
    `${found.host.name}: port ${inForce.host.sshPort} at ${place.address} is open for ${transport.vantage.name} ${until} (after ${milliseconds} ms).\n`,
  );
  return exitCode.ok;
}

/** To standard output alone, with a word about it on standard error, where it does not get into the script. */
function script(found: FoundHost, family: Family | undefined, given: ParsedArgs, context: Context) {
  const { host, knock: own } = found;
  const address = family === 6 ? host.addressV6 : host.address;
  if (address === null) throw new CommandError(`${host.name} has no IPv6 address.`);
  const sequence = given.flag('close') ? own.close : own.open;
  if (sequence === null) throw new CommandError(`${host.name} has no closing sequence.`);
  if (hasSinglePacket(sequence))
    throw new CommandError(
      `${host.name} takes single packets (fwknop), and no script can make one without fwknop’s client: docs/knocking.md has the lines for it.`,
    );
  context.stderr.write(
    `The script holds the secret sequence of ${host.name}: keep it where only you can read it.\n`,
  );
  if (unfinishedDoors(found).length > 0)
    context.stderr.write(
      `It is the sequence that was proven last. A change was cut off or failed since then, and may have another one in force: npm run up -- ${found.stack}, then make the script anew.\n`,
    );
  context.stdout.write(knockScript({ name: host.name, address, sshPort: host.sshPort, sequence }));
  return exitCode.ok;
}

async function close({ found, place, transport }: Target, given: ParsedArgs, context: Context) {
  const { host, knock: own } = found;
  if (own.close === null) {
    const itself =
      own.openSeconds === null ? '' : ` Its door closes by itself ${own.openSeconds} s after a knock.`;
    throw new CommandError(`${host.name} has no closing sequence.${itself}`);
  }
  const { vantage } = transport;
  const { silence } = await probeOpenPorts(host, place, vantage);
  let shut = await knockToClose(frontDoor(found, place), own.close, silence, vantage);
  for (const { host: late, knock: other } of unfinishedDoors(found)) {
    const door = { address: place.address, port: late.sshPort };
    const { close: closing } = other;
    if (closing === null || (await vantage.probeTcp(door.address, door.port, silence)).state !== 'open')
      continue;
    const closed = await ifKnockable(() => knockToClose(door, closing, silence, vantage));
    shut ||= closed === true && door.port === host.sshPort;
  }
  if (!shut)
    throw new CommandError(
      `Port ${host.sshPort} of ${host.name} at ${place.address} still answers after the closing knock.`,
      exitCode.door,
    );
  if (given.flag('json')) return printJson(found, place, { state: 'closed' }, context);
  context.stdout.write(`${host.name}: port ${host.sshPort} at ${place.address} is closed.\n`);
  return exitCode.ok;
}

async function proxy({ found, place, transport }: Target, { project, env }: Context) {
  const { stack, hosts } = found;
  const { socket, inForce } = await openHost(found, place, transport);
  // ssh reads the pinned keys after the server's first words: they are those of the stack now, whoever changed them.
  const { knownHosts } = sshFiles(project, stack);
  keepFile(knownHosts, knownHostsText(stack, hosts));
  if (socket !== undefined) return (await carry(socket, binaryStdio())) ? exitCode.ok : exitCode.failed;
  return runInTerminal((await transport.tunnel(frontDoor(inForce, place))) ?? [], env);
}

function printJson({ stack, host }: FoundHost, place: Place, result: object, context: Context) {
  const { family, address } = place;
  const where = { stack, host: host.name, family: `ipv${family}`, address, port: host.sshPort };
  context.stdout.write(`${JSON.stringify({ ...where, ...result })}\n`);
  return exitCode.ok;
}
