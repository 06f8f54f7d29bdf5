import { join } from 'node:path';
import type { Family } from '../../remote/address.ts';
import type { Engine } from '../engine.ts';
import type { Fleet } from '../fleet.ts';
import { loginsOf } from '../identity.ts';
import type { World } from '../world.ts';
import { configText } from './config-text.ts';
import { keepFile, knownHostsText, readText, sshFiles } from './files.ts';

/** Writes a stack's files for OpenSSH. @returns the text of the include file. */
export async function writeSshFiles(
  engine: Engine,
  { stack, hosts }: Fleet,
  family: Family | undefined,
  world: World,
): Promise<string> {
  const { config, knownHosts } = sshFiles(world.project, stack);
  const login = loginsOf(await engine.configuration(stack), stack, world);
  const program = join(world.project, 'cli/postern');
  const text = configText({ stack, hosts, login, knownHosts, program, family });
  keepFile(knownHosts, knownHostsText(stack, hosts));
  keepFile(config, text);
  return text;
}

/** Brings a stack's files for OpenSSH up to date where there are any; an IP version pinned in them stays. */
export async function refreshSshFiles(engine: Engine, fleet: Fleet, world: World): Promise<void> {
  const old = readText(sshFiles(world.project, fleet.stack).config);
  if (old === undefined) return;
  const pinned = /^ {2}AddressFamily (inet6?)$/m.exec(old)?.[1];
  await writeSshFiles(engine, fleet, pinned === 'inet' ? 4 : pinned === 'inet6' ? 6 : undefined, world);
}
