import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { listen, watchPorts } from '../firewall/backends.ts';
import { freshVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { hardened, inside, jobFor } from '../transaction/fixture.ts';
import { faultsOf, type Kind } from './faults.ts';
import { guardedUnits, type Subject, secondsShut } from './trial.ts';

/** A part of what `npm run lifetime` tries on every release, firewall and engine. */
const CASES: readonly (Kind & {
  readonly faults: readonly string[];
  /** Who has the daemon run without its sandbox in the end. */
  readonly unsandboxed?: 'change' | 'guard';
})[] = [
  // knockd's unit of Debian 11 has no [Install] section.
  { release: 'bullseye', backend: 'ufw', engine: 'knockd', faults: ['reboot'], unsandboxed: 'change' },
  {
    release: 'bookworm',
    backend: 'ufw',
    engine: 'knockd',
    faults: [
      'reinstall knockd',
      'stop knockd.service',
      'stop ssh.service',
      'stop postern-guard.timer',
      'sandbox of knockd.service refused',
    ],
    unsandboxed: 'guard',
  },
  {
    release: 'bookworm',
    backend: 'firewalld',
    engine: 'fwknop',
    faults: [
      'kill firewalld.service',
      'stop firewalld.service',
      'stop fwknop-server.service',
      'flush the rules',
    ],
  },
];

/** By itself, that is; within the 15 s that the operator is promised is for `npm run lifetime` to measure on a machine at rest. */
const SECONDS = 60;

/** A host where knockd does not start within its sandbox, as in a container that may not make namespaces. */
const REFUSED = `mkdir -p /etc/systemd/system/knockd.service.d && printf '%s\\n' '[Service]' \
  'ExecStartPre=/bin/sh -c "! [ -e /etc/systemd/system/knockd.service.d/postern-sandbox.conf ]"' \
  >/etc/systemd/system/knockd.service.d/container.conf`;

async function sealed({ release, backend, engine }: Kind, before = ':'): Promise<Subject> {
  const vps = await freshVps({ release });
  await inside(vps, before);
  const job = await jobFor(vps, { firewall: { backend, api: null }, knock: { engine, openSeconds: 5 } });
  await hardened(job);
  return { vps, job };
}

/** Ports that answer from outside while `during` runs, of those that only the firewall shuts. */
async function seenOpen(
  vps: LabVps,
  ports: readonly number[],
  during: () => Promise<unknown>,
): Promise<string[]> {
  const watch = watchPorts(ports.map((port) => ({ address: vps.address, port })));
  await during();
  return watch.stop();
}

describe.each(CASES.filter(({ engine }) => LONG || engine !== 'fwknop'))(
  '$engine on $backend on $release',
  (kind) => {
    it(`lets its owner in after: ${kind.faults.join(', ')}`, async () => {
      const subject = await sealed(kind, kind.unsandboxed === 'change' ? REFUSED : ':');
      for (const name of kind.faults) {
        const fault = faultsOf(kind).find((one) => one.name === name);
        if (fault === undefined) throw new Error(`no fault ${name}`);
        expect(await secondsShut(subject, fault), name).toBeLessThan(SECONDS);
        expect(new Set(await guardedUnits(subject.vps)), name).toEqual(new Set(['active']));
      }
      if (kind.unsandboxed !== undefined) {
        const note = await inside(subject.vps, 'cat /var/lib/postern/unsandboxed');
        expect(note).toMatch(new RegExp(`^by=${kind.unsandboxed}\\nunit=knockd.service\\n.*status=`, 's'));
      }
      // What would leave the door deaf is refused before anything is changed; the rest of apt works.
      const daemon = { knockd: 'knockd', fwknop: 'fwknop-server', kernel: '' }[kind.engine];
      const apt = 'DEBIAN_FRONTEND=noninteractive apt-get -q -y';
      const removed = await execVps(subject.vps, ['sh', '-c', `${apt} remove ${daemon}`]);
      expect(removed.code).not.toBe(0);
      expect(removed.stderr).toContain(`it removes ${daemon}`);
      await inside(
        subject.vps,
        `${apt} remove less && dpkg -s ${daemon} | grep -q '^Status: install ok installed'`,
      );
      // Nothing is said again and again, and nothing while all is well.
      const said = 'journalctl -q -o cat -u postern-guard.service | wc -l';
      await sleep(4000);
      const lines = await inside(subject.vps, said);
      await sleep(7000);
      expect(await inside(subject.vps, said)).toBe(lines);
    });
  },
);

describe('firewalld that is killed', () => {
  it('leaves no port open meanwhile', async () => {
    const { vps } = await sealed({ release: 'bookworm', backend: 'firewalld', engine: 'knockd' });
    await listen(vps, [9998]);
    const kill = 'systemctl kill -s KILL firewalld.service; sleep 8';
    expect(await seenOpen(vps, [22, 9998], () => inside(vps, kill))).toEqual([]);
    expect((await inside(vps, 'systemctl is-active firewalld.service')).trim()).toBe('active');
    expect(await inside(vps, 'nft list table inet postern; nft list table inet firewalld')).toContain(
      'filter_IN_',
    );
  });
});
