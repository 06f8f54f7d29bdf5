import type { LabVps } from '../../lab/vps.ts';
import type { BackendName } from '../../posture/firewall/backend.ts';
import type { EngineName } from '../../posture/knock/engine.ts';
import { BACKENDS } from '../firewall/backends.ts';
import { LONG } from '../long.ts';
import { inside } from '../transaction/fixture.ts';

const engines = process.env['POSTERN_ENGINES']?.split(',');

/**
 * The kernel engine on every firewall, whose rules it is made of, and each daemon on one. `npm test` has it on one that is made
 * of iptables and on one that is made of nftables; `POSTERN_ENGINES=knockd,kernel` has those named on every one, as
 * `POSTERN_BACKENDS` does for firewalls.
 */
export const CASES = BACKENDS.flatMap(({ backend }) =>
  (['knockd', 'kernel', 'fwknop'] as const)
    .filter((engine) => engines?.includes(engine) ?? isTried(engine, backend))
    .map((engine) => ({ engine, backend })),
);

function isTried(engine: EngineName, backend: BackendName): boolean {
  if (engine !== 'kernel') return backend === 'ufw';
  return LONG || backend === 'iptables' || backend === 'firewalld';
}

/** An administrator's commands that reload or restart a firewall. */
export function reloads(backend: BackendName): readonly string[] {
  return BACKENDS.find((one) => one.backend === backend)?.reloads ?? [];
}

/** Ends every daemon that a knock could need, the hard way; for the kernel engine all but sshd and systemd's own. */
export async function killDaemons(vps: LabVps, engine: EngineName): Promise<void> {
  const stop =
    engine === 'kernel'
      ? 'systemctl stop knockd.service fwknop-server.service firewalld.service dbus.socket dbus.service rsyslog.service cron.service 2>/dev/null || :'
      : `systemctl kill -s KILL ${engine === 'knockd' ? 'knockd' : 'fwknop-server'}.service; sleep 3`;
  await inside(vps, stop);
}
