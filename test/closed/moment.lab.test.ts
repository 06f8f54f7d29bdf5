import { beforeAll, describe, expect, it } from 'vitest';
import { inspect } from '../../transaction/drift/inspect.ts';
import { front } from '../transaction/door.ts';
import { inside } from '../transaction/fixture.ts';
import { type Damaged, faultsOf, sealedHost } from './trial.ts';

const FALLBACK = '/run/postern/fallback';
const inForce = async ({ vps }: Damaged) => (await inside(vps, `cat ${FALLBACK} 2>/dev/null; :`)).trim();

describe('a host behind ufw whose rules are out of force for a moment', () => {
  let host: Damaged;
  beforeAll(async () => {
    host = await sealedHost('ufw', 'knockd');
  });

  it('has them in force again after a `ufw reload` that takes longer than the guard waits', async () => {
    const { vps, job, sealed } = host;
    await inside(
      vps,
      `sed -i '1a sleep 4' /lib/ufw/ufw-init; ufw reload; sed -i '2d' /lib/ufw/ufw-init
      flock /run/postern-closed.lock true; sleep 5`,
    );
    expect(await inForce(host)).toBe('');
    expect(await faultsOf(host)).toEqual([]);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('does not take a ufw for failed that was only seen halfway', async () => {
    const { vps } = host;
    const told = () => inside(vps, 'journalctl -q -o cat | grep -c "In force instead"; :');
    const before = await told();
    // ufw has loaded its rules by the time that the guard, which found it without them, has loaded the sealed copy.
    await inside(
      vps,
      `systemctl start ufw.service
      for tool in iptables-restore ip6tables-restore; do
        printf '#!/bin/sh\\nsleep 2\\nexec /usr/sbin/%s "$@"\\n' $tool >/usr/local/sbin/$tool; chmod 755 /usr/local/sbin/$tool
      done
      sed -i '1a [ "$1" = stop ] || sleep 6; PATH=/usr/sbin:/usr/bin:/sbin:/bin' /lib/ufw/ufw-init
      systemctl restart ufw.service; sleep 4; rm /usr/local/sbin/ip*-restore; sed -i '2d' /lib/ufw/ufw-init; sleep 4`,
    );
    expect(await told()).toBe(before);
    expect(await inForce(host)).toBe('');
  });

  it('tries them again although nothing that it looks at has changed', async () => {
    const { vps, job, sealed } = host;
    // The knocks of the test before are over.
    for (const address of [vps.address, vps.addressV6])
      await expect.poll(() => front(vps, job, { address }), { timeout: 15_000 }).toBe('silent');
    await inside(vps, 'iptables -P INPUT ACCEPT');
    await expect.poll(() => inForce(host), { timeout: 15_000 }).toMatch(/level=copy/);
    // As if ufw had come back between the last look and the stamp.
    await inside(
      vps,
      `. /etc/postern/door.conf; . /usr/local/lib/postern/firewall; exec 9>/run/postern-closed.lock; flock 9
      iptables -P INPUT DROP; sed -i "1s/.*/stamp=$(stamp)/" ${FALLBACK}; touch -d '2 minutes ago' ${FALLBACK}`,
    );
    await expect.poll(() => inForce(host), { timeout: 15_000 }).toBe('');
    expect(await faultsOf(host)).toEqual([]);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });
});

describe('a host behind firewalld whose rules are out of force', () => {
  let host: Damaged;
  beforeAll(async () => {
    host = await sealedHost('firewalld', 'kernel');
  });

  it('waits for a firewalld that was killed and takes its time to end', async () => {
    const { vps, job, sealed } = host;
    const folder = '/run/systemd/system/firewalld.service.d';
    await inside(
      vps,
      `mkdir -p ${folder}; printf '[Service]\\nExecStopPost=/bin/sleep 6\\n' >${folder}/slow.conf; systemctl daemon-reload
      systemctl kill -s KILL firewalld.service; nft delete table inet firewalld; sleep 5
      rm -r ${folder}; systemctl daemon-reload; sleep 15`,
    );
    expect(await inside(vps, 'journalctl -q -o cat | grep "In force instead"; :')).toBe('');
    expect(await inForce(host)).toBe('');
    expect(await faultsOf(host)).toEqual([]);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('starts it again by itself when what stood in its way is mended', async () => {
    const { vps, job, sealed } = host;
    const zone = '/etc/firewalld/zones/public.xml';
    await inside(vps, `mv ${zone} /root/; echo '<zone' >${zone}; systemctl restart firewalld.service || :`);
    await expect.poll(() => inForce(host), { timeout: 60_000 }).toMatch(/^stopped=firewalld\.service$/m);
    expect(await faultsOf(host)).toEqual([]);
    await inside(vps, `mv /root/public.xml ${zone}; touch ${zone}`);
    await expect.poll(() => inForce(host), { timeout: 60_000 }).toBe('');
    expect(await faultsOf(host)).toEqual([]);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });
});
