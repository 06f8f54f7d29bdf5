import { expect, it } from 'vitest';
import type { BackendName } from '../../posture/firewall/backend.ts';
import { watchPorts } from '../firewall/backends.ts';
import { withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';

const SWITCHES: readonly (readonly [BackendName, BackendName])[] = [
  ['nftables', 'iptables'],
  ['iptables', 'nftables'],
  ['nftables', 'ufw'],
  ['ufw', 'nftables'],
  ['firewalld', 'iptables'],
];

/** A host on which what is in force stays for others to look at after every step, as on a slow one. */
const SLOW_STEPS = `for tool in nft iptables-restore ip6tables-restore; do
  printf '#!/bin/sh\n/usr/sbin/%s "$@" || exit\ncase " $* " in *" list "*) ;; *) sleep 0.3 ;; esac\n' $tool >/usr/local/sbin/$tool
  chmod 755 /usr/local/sbin/$tool
done`;

it.each(SWITCHES.slice(0, LONG ? SWITCHES.length : 1))(
  'a host that goes back to %s from %s opens no port at any moment',
  async (before, after) => {
    await withVps(async (vps) => {
      const job = await jobFor(vps, { firewall: { backend: before } });
      const sealed = remembered(job, await hardened(job));
      await inside(vps, SLOW_STEPS);
      const unheard = { knock: { interface: 'lo' }, verify: { attempts: 1 } };
      const next = await jobFor(
        vps,
        { firewall: { backend: after }, ssh: { port: 2200 }, ...unheard },
        sealed,
      );
      // Of somebody who has not knocked.
      const watched = [22, 2200].map((port) => ({
        address: vps.address,
        port,
        sourceAddress: vps.otherClients[1],
      }));
      const watch = watchPorts(watched);
      await expect(hardened(next)).rejects.toThrow('rolled the change back and is as it was');
      expect(await watch.stop()).toEqual([]);
    });
  },
);
