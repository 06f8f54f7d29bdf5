import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RemoteError } from '../error.ts';
import { plainText } from '../sanitise.ts';
import { startAgent } from './agent.ts';
import { connectionError, readLog } from './diagnose.ts';
import { sshEnvironment } from './environment.ts';
import { knownHosts } from './host-keys.ts';
import { heldByAgent } from './known-keys.ts';
import { sshArguments } from './options.ts';
import { quoteWords } from './quote.ts';
import { checkTarget, type Hop, type SshTarget } from './target.ts';
import { totpCode } from './totp.ts';
import { bracketed, tunnelArgv } from './tunnel.ts';
import type { Workspace } from './workspace.ts';

const askpass = fileURLToPath(new URL('./askpass.sh', import.meta.url));

/** A way in, made ready in a workspace: what ssh has to be called with, and why it failed if it did. */
export interface Connection {
  /** Arguments of ssh up to and including the host. */
  arguments(...more: readonly string[]): string[];
  /** The environment of ssh. */
  readonly environment: NodeJS.ProcessEnv;
  /** The log of the client that connected to the host itself. */
  log(): string;
  /** Why the connection did not come about; `cut` when it was ended for being too slow. */
  failure(cut: boolean): RemoteError;
}

/** A program and its arguments as a ProxyCommand: run by /bin/sh, with ssh's `%` tokens taken literally. */
function proxyCommand(argv: readonly string[]): string {
  return quoteWords(argv).replaceAll('%', '%%');
}

async function agentOf(hop: Hop, workspace: Workspace, name: string): Promise<string | undefined> {
  if (hop.identity === undefined || !('privateKey' in hop.identity)) return undefined;
  return startAgent(workspace, name, hop.identity.privateKey);
}

/** The environment of an ssh that is asked for the code of a second factor, which stands in a file of the workspace. */
function askedEnvironment(totp: string, file: string): NodeJS.ProcessEnv {
  writeFileSync(file, `${totpCode(totp)}\n`, { mode: 0o600 });
  return { ...sshEnvironment(), SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', POSTERN_CODE: file };
}

/** The end of a client's log, in which the host has a say. */
function read(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const end = Buffer.alloc(65_536);
    const from = Math.max(0, fstatSync(file).size - end.length);
    return plainText(end.toString('utf8', 0, readSync(file, end, 0, end.length, from)));
  } catch {
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Checks a way in and prepares it: pinned keys into a private known_hosts file, private keys into private agents.
 *
 * @throws TypeError when the way is not usable; RemoteError `bad-identity` or `no-client`.
 */
export async function prepare(
  target: SshTarget,
  workspace: Workspace,
  timeoutSeconds: number,
): Promise<Connection> {
  checkTarget(target);
  const { jump, via } = target;
  const file = (name: string) => join(workspace.directory, name);
  const hosts =
    knownHosts('postern-host', target.hostKeys) + knownHosts('postern-jump', jump?.hostKeys ?? []);
  writeFileSync(file('known_hosts'), hosts, { mode: 0o600 });
  const [agent, jumpAgent] = await Promise.all([
    agentOf(target, workspace, 'agent'),
    jump === undefined ? undefined : agentOf(jump, workspace, 'jump-agent'),
  ]);
  // With an identity nothing else is offered.
  const held = await heldByAgent(target.identity === undefined ? (target.knownKeys ?? []) : []);
  const knownKeys = held.map((key, index) => {
    writeFileSync(file(`known-${index}.pub`), `${key}\n`);
    return file(`known-${index}.pub`);
  });
  const common = { knownHosts: file('known_hosts'), timeoutSeconds };
  const source = { sourceAddress: target.sourceAddress };
  const jumpArguments = (hop: Hop) => {
    const forward = `${bracketed(target.address)}:${target.port}`;
    const places = { ...common, ...source, alias: 'postern-jump', agent: jumpAgent };
    return ['ssh', '-E', file('jump.log'), '-S', 'none', '-W', forward, ...sshArguments(hop, places)];
  };
  const proxy =
    jump !== undefined
      ? proxyCommand(jumpArguments(jump))
      : via !== undefined
        ? proxyCommand(tunnelArgv(via.session, target.address, target.port))
        : undefined;
  const direct = proxy === undefined ? source : {};

  return {
    environment: target.totp === undefined ? sshEnvironment() : askedEnvironment(target.totp, file('code')),
    arguments: (...more) => [
      '-E',
      file('log'),
      ...more,
      ...sshArguments(target, { ...common, ...direct, alias: 'postern-host', agent, knownKeys, proxy }),
    ],
    log: () => read(file('log')),
    failure(cut) {
      if (jump !== undefined && !readLog(read(file('jump.log'))).authenticated)
        return connectionError(jump, `the jump host ${jump.address}`, read(file('jump.log')), cut);
      return connectionError(
        target,
        `${target.user}@${bracketed(target.address)}:${target.port}`,
        read(file('log')),
        cut,
      );
    },
  };
}
