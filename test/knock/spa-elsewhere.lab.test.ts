import { expect, it } from 'vitest';
import { packetsOf } from '../../remote/spa.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { shut } from '../firewall/backends.ts';
import { withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { knocked, knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';

// ufw on Debian 12 has the whole contract.
const CASES = [
  { backend: 'firewalld', release: 'bookworm' },
  { backend: 'nftables', release: 'bullseye' },
  { backend: 'iptables', release: 'bookworm' },
  { backend: 'nftables', release: 'bookworm' },
  { backend: 'ufw', release: 'bullseye' },
  { backend: 'firewalld', release: 'bullseye' },
  { backend: 'iptables', release: 'bullseye' },
] as const;

it.each(LONG ? CASES : CASES.slice(0, 2))(
  'fwknop on $backend, $release: is sealed, opens once for a packet, and listens at no port',
  async (where) => {
    const { backend, release } = where;
    await withVps(
      async (vps) => {
        const job = await jobFor(vps, { firewall: { backend }, knock: { engine: 'fwknop' } });
        const sealed = remembered(job, await hardened(job));
        expect(await inspect(job, sealed, () => {})).toEqual([]);
        await inside(vps, 'systemctl restart postern-firewall.service');
        await shut(vps);
        expect(await inside(vps, 'ss -Hlntup | grep fwknop || :')).toBe('');
        const captured = await packetsOf(job.sequences.open);
        const from = { sourceAddress: vps.otherClients[0] };
        expect(await knocked(vps, job, captured, 'open', from)).toBe(true);
        await shut(vps);
        expect(await knocked(vps, job, captured, 'open', from, 700)).toBe(false);
        expect(await knocked(vps, job, job.sequences.open, 'open', { address: vps.addressV6 }, 700)).toBe(
          false,
        );
        expect(await knockedOpen(vps, job)).toBe(true);
        const { target } = frontDoorRoute(job, job, sealed.hostKeys);
        expect((await logInOnce(target, { argv: ['id', '-u'], timeoutSeconds: 20 })).stdout.trim()).toBe('0');
        expect(await knocked(vps, job, job.sequences.close ?? [], 'silent')).toBe(true);
      },
      { release },
    );
  },
);
