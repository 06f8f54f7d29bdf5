import { dirname, join } from 'node:path';
import { RemoteError } from '../../remote/error.ts';
import { startAgent } from '../../remote/ssh/agent.ts';
import { heldByAgent, offeredFirst } from '../../remote/ssh/known-keys.ts';
import { quoteWords } from '../../remote/ssh/quote.ts';
import { checkTarget } from '../../remote/ssh/target.ts';
import { openWorkspace } from '../../remote/ssh/workspace.ts';
import { type Command, familyOptions, type ParsedArgs, stackOption } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { CommandError, exitCode } from '../command-line/exit.ts';
import { askedFamily, type Place, placeOf } from '../host/family.ts';
import { frontDoor, openHost } from '../host/knock-host.ts';
import type { LoginIdentity } from '../host/login-identity.ts';
import { type HostAccess, sshTarget } from '../host/session.ts';
import { withTransport } from '../host/with-transport.ts';
import { keepFile, knownHostsText, sshFiles } from '../ssh/files.ts';
import { hangUp } from '../ssh/hang-up.ts';
import { fileOf, keyAlias, pinnedSettings, quoted, type Setting } from '../ssh/pinned.ts';
import { runInTerminal } from '../ssh/run.ts';
import { engineOf } from '../stack/engine.ts';
import { type FoundHost, findHost } from '../stack/fleet.ts';
import type { FleetHost } from '../stack/outputs.ts';
import { firstOf, sameDoor, unfinishedNote } from '../stack/unfinished.ts';

/** ssh's own status for a connection that did not come about; every other one is the remote command's. */
const noConnection = 255;

/** `postern ssh`. */
export const ssh: Command = {
  name: 'ssh',
  summary: 'knock and log in to a host, or run a command there',
  description: [
    'Knocks, then runs the system’s OpenSSH client as the administrator, with the identity of the stack’s configuration (else your agent and keys) and with the host keys of the stack pinned: another key is never accepted. Your own ssh configuration counts for everything else. Where the host has a jump host, knock and connection go through it, its host key pinned as well.',
    'Words after -- are a command for the host’s shell, as with ssh. For scp, rsync, git, Ansible and ssh’s own options see `postern ssh-config`.',
  ],
  arguments: [{ name: 'host', summary: 'A host of the stack.' }],
  rest: { name: 'command', summary: 'Run this instead of a shell.' },
  options: {
    tty: { type: 'flag', short: 't', summary: 'Give the command a terminal, as `ssh -t`.' },
    ...familyOptions,
    stack: stackOption,
  },
  examples: [
    { command: 'npx --no-install postern ssh devnet-1', purpose: 'a shell' },
    { command: 'npx --no-install postern ssh devnet-1 -- uptime', purpose: 'one command' },
    { command: 'npx --no-install postern ssh devnet-1 -t -- sudo -i', purpose: 'a root shell' },
  ],
  exitNote:
    'Once connected, the exit status is that of the remote command. Without a connection it is 255, as with ssh; the usage error is 2.',
  async run(given, context) {
    const family = askedFamily(given);
    try {
      const engine = engineOf(context);
      const found = await findHost(engine, given.words[0] ?? '', given.text('stack'));
      return await withTransport(found, engine, context, async ({ login, transport, jump }) => {
        refuseUnusable(found.host, login);
        const place = await placeOf(found.host, family, transport.vantage);
        const { socket, inForce } = await openHost(found, place, transport);
        socket?.resetAndDestroy();
        const variants = sameDoor(inForce, found);
        const chosen = await whoGetsIn(variants, { place, login, jump });
        const note = unfinishedNote(chosen, found);
        if (note !== undefined) context.stderr.write(`${note}\n`);
        const door = frontDoor(chosen, place);
        const tunnel = await transport.tunnel(door);
        const status = await connect({ found: chosen, place, login, tunnel }, given, context);
        if (status === noConnection && tunnel === undefined) {
          const reason = await hangUp(door);
          if (reason !== undefined) context.stderr.write(`${reason}\n`);
        }
        return status;
      });
    } catch (error) {
      throw withoutConnection(error);
    }
  },
};

/** Of several that one door may be, the one that lets in; tried where there are several only. */
async function whoGetsIn(
  variants: readonly FoundHost[],
  how: Pick<HostAccess, 'place' | 'login' | 'jump'>,
): Promise<FoundHost> {
  const [first] = variants;
  if (first === undefined) throw new TypeError('no way in');
  if (variants.length === 1) return first;
  const { logInOnce } = await import('../../remote/ssh/login.ts');
  const tried = async (found: FoundHost) => {
    await logInOnce(sshTarget({ found, ...how }), { argv: ['true'], timeoutSeconds: 15 });
    return found;
  };
  return firstOf(variants, tried).catch(() => first);
}

function refuseUnusable(
  { address, user, sshPort: port, hostKeys }: FleetHost,
  identity: LoginIdentity,
): void {
  checkTarget({ address, port, user, hostKeys, identity, sudo: false });
}

/** A door that is open, and how it is gone through. */
interface OpenDoor {
  readonly found: FoundHost;
  readonly place: Place;
  readonly login: LoginIdentity;
  /** The program whose standard input and output are the connection; undefined: ssh connects by itself. */
  readonly tunnel: readonly string[] | undefined;
}

async function connect(
  { found, place, login: identity, tunnel }: OpenDoor,
  given: ParsedArgs,
  context: Context,
) {
  const { stack, host, hosts } = found;
  const { knownHosts } = sshFiles(context.project, stack);
  keepFile(knownHosts, knownHostsText(stack, hosts));
  const alias = keyAlias(stack, host.name);
  const held = await heldByAgent(identity === undefined ? (host.adminKeys ?? []) : [], context.env);
  const keys = held.map((key, index) => {
    const file = join(dirname(knownHosts), `${alias}.${index}.pub`);
    keepFile(file, `${key}\n`);
    return file;
  });
  const settings: Setting[] = [
    ...pinnedSettings({ host, alias, knownHosts, identityFile: fileOf(identity) }),
    ...offeredFirst(keys).map((file): Setting => ['IdentityFile', quoted(file)]),
    ['HostName', place.address],
    ['AddressFamily', place.family === 4 ? 'inet' : 'inet6'],
    // Also keeps out a ProxyJump, and the ProxyCommand that `ssh-config` wrote: the door is open already.
    ['ProxyCommand', tunnel === undefined ? 'none' : quoteWords(tunnel).replaceAll('%', '%%')],
  ];
  const argv = (more: readonly Setting[]) => [
    'ssh',
    ...(given.flag('tty') ? ['-t'] : []),
    ...[...more, ...settings].flatMap(([keyword, value]) => ['-o', `${keyword}=${value}`]),
    '--',
    host.name,
    ...given.rest,
  ];
  if (identity === undefined || 'file' in identity) return runInTerminal(argv([]), context.env);
  const workspace = openWorkspace();
  try {
    const socket = await startAgent(workspace, 'agent', identity.privateKey);
    const agent = [
      ['IdentityAgent', socket],
      ['IdentityFile', 'none'],
      ['IdentitiesOnly', 'no'],
    ] as const;
    return await runInTerminal(argv(agent), context.env);
  } finally {
    await workspace.close();
  }
}

function withoutConnection(error: unknown): unknown {
  if (error instanceof CommandError && error.code === exitCode.usage) return error;
  if (error instanceof CommandError || error instanceof RemoteError || error instanceof TypeError)
    return new CommandError(error.message, noConnection);
  return error;
}
