import type * as pulumi from '@pulumi/pulumi';
import { all } from '@pulumi/pulumi/output.js';
import { rpcKeepAlive } from '@pulumi/pulumi/runtime/settings.js';
import type { ResolvedHost } from '../../posture/resolve.ts';
import { connectionOf } from './connection.ts';
import type { HostDoor } from './door.ts';
import { bindDoor, bindRemoval, doorHooks, requireHooks } from './hooks.ts';
import { loginKey } from './login-key.ts';
import { refusal } from './refusal.ts';
import type { SealedHost } from './sealed-host.ts';
import { newRemoval, newTask } from './task.ts';
import { vpsIdentity } from './vps-identity.ts';

/**
 * Runs a host's tasks, in their order, after it is sealed and through its knocked door. Nothing is loaded or registered
 * for a host without tasks, unless some are to be removed (tools/lib/stack.sh).
 *
 * @returns the tasks' resources, once the engine is known to run hooks.
 * @throws pulumi.RunError that says in a sentence what is missing.
 */
export async function runTasks(
  sealed: SealedHost,
  options: pulumi.CustomResourceOptions,
): Promise<pulumi.Resource[]> {
  const { host } = sealed;
  if (host.tasks.length === 0) {
    if (process.env['POSTERN_REMOVES_TASKS'] !== undefined) await hooksForRemoval(sealed);
    return [];
  }
  // The engine must not take the program for finished while it is asked about hooks.
  const done = rpcKeepAlive();
  try {
    judge(host);
    const connection = connectionOf(sealed, loginKey(host));
    const support = await requireHooks();
    const hooks = doorHooks(host.name, doorOf(sealed), support);
    const { hardening, vps } = sealed;
    const common = { ...options, ...(vps === undefined ? {} : { deletedWith: vps }) };
    const anew = { replacementTrigger: vpsIdentity(sealed) };
    let previous: pulumi.Resource = hardening;
    return host.tasks.flatMap((task) => {
      const after = { ...common, dependsOn: [previous] };
      // A removal comes after its task, so that it is run while that is still there, and before those before it.
      const made = newTask(host.name, task, connection, { ...after, ...anew, hooks: bindDoor(hooks) });
      const last = { ...common, dependsOn: [made], hooks: bindRemoval(hooks) };
      const removal = newRemoval(host.name, task, connection, last);
      previous = removal ?? made;
      return removal === undefined ? [made] : [made, removal];
    });
  } finally {
    done();
  }
}

/** The last task of a host may be on its way out: the engine has the hooks that its removal needs from nobody else. */
async function hooksForRemoval(sealed: SealedHost): Promise<void> {
  const done = rpcKeepAlive();
  try {
    doorHooks(sealed.host.name, doorOf(sealed), await requireHooks());
  } finally {
    done();
  }
}

function judge({ name, target }: ResolvedHost): void {
  if (target.type === 'existing' && target.jump !== undefined)
    throw refusal(
      `The tasks of ${name} cannot run: it is reached through a jump host, and a knock has to come from there; remove jump or tasks.`,
    );
}

/** Where the hooks knock, as soon as it is known; in a preview of a new host that is never. */
function doorOf({ host, way, hardening }: SealedHost): Promise<HostDoor> {
  const door = all([way, hardening.sequences]).apply(([{ address }, sequences]) => ({
    host: host.name,
    address: String(address),
    port: host.posture.ssh.port,
    sequences,
    held: host.knock.door === 'held',
  }));
  return new Promise((resolve) => {
    door.apply(resolve);
  });
}
