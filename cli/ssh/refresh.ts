import { join } from 'node:path';
import type { Family } from '../../remote/address.ts';
import type { Context } from '../command-line/context.ts';
import type { Engine } from '../stack/engine.ts';
import type { Fleet } from '../stack/fleet.ts';
import { loginIdentities } from '../stack/identities.ts';
import { configText } from './config-text.ts';
import { keepFile, knownHostsText, readText, sshFiles } from './files.ts';

/** Writes a stack's files for OpenSSH. @returns the text of the include file. */
export async function writeSshFiles(
  engine: Engine,
  { stack, hosts }: Fleet,
  family: Family | undefined,
  context: Context,
): Promise<string> {
  const { config, knownHosts } = sshFiles(context.project, stack);
  const login = loginIdentities(await engine.configuration(stack), stack, context);
  const program = join(context.project, 'cli/postern');
  const text = configText({ stack, hosts, login, knownHosts, program, family });
  keepFile(knownHosts, knownHostsText(stack, hosts));
  keepFile(config, text);
  return text;
}

/** Brings a stack's files for OpenSSH up to date where there are any; an IP version pinned in them stays. */
export async function refreshSshFiles(engine: Engine, fleet: Fleet, context: Context): Promise<void> {
  const old = readText(sshFiles(context.project, fleet.stack).config);
  if (old === undefined) return;
  const pinned = /^ {2}AddressFamily (inet6?)$/m.exec(old)?.[1];
  await writeSshFiles(engine, fleet, pinned === 'inet' ? 4 : pinned === 'inet6' ? 6 : undefined, context);
}
