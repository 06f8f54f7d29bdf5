import { beforeAll, describe, expect, it } from 'vitest';
import type { BackendName } from '../../posture/firewall/backend.ts';
import type { EngineName } from '../../posture/knock/engine.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { LONG } from '../long.ts';
import { front } from '../transaction/door.ts';
import { hardened, inside, remembered, UNGUARDED } from '../transaction/fixture.ts';
import { DAMAGES, loadedFiles, REFUSALS } from './damage.ts';
import { answersOf, type Damaged, damage, faultsOf, putBack, rebooted, sealedHost } from './trial.ts';

/** What is tried: of every kind one in `npm test`, everything with `POSTERN_CLOSED=all`, or `nftables,kernel`. */
const wanted = process.env['POSTERN_CLOSED'];

const backends: readonly BackendName[] = ['nftables', 'iptables', 'ufw', 'firewalld'];

const hosts = backends
  .flatMap((backend) => (['knockd', 'kernel'] as const).map((engine) => ({ backend, engine })))
  .filter(({ backend, engine }) => {
    if (wanted === 'all') return true;
    if (wanted !== undefined) return wanted === `${backend},${engine}`;
    if (!LONG && ['iptables', 'firewalld'].includes(backend)) return false;
    return engine === (backend === 'iptables' ? 'kernel' : 'knockd');
  });

/** In `npm test`: what becomes of each file; all together, of every kind of damage one. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  '/etc/postern/firewall.nft': ['truncated', 'missing'],
  '/etc/postern/knock.v4': ['garbage'],
  '/etc/ufw/before.rules': ['empty', 'unreadable'],
  '/etc/firewalld/zones/public.xml': ['truncated'],
};

function damages(backend: BackendName, engine: EngineName) {
  return loadedFiles(backend).flatMap((path) =>
    Object.entries(DAMAGES)
      .filter(([kind]) => wanted !== undefined || (SHORT[path]?.includes(kind) ?? false))
      // Those of a daemon are damaged alike.
      .filter(() => wanted !== undefined || engine === 'kernel' || !path.includes('/knock.'))
      .map(([kind, shell]) => ({ path, kind, shell })),
  );
}

describe.each(hosts)(
  'a host behind $backend with $engine that cannot load its rules',
  ({ backend, engine }) => {
    let host: Damaged;
    beforeAll(async () => {
      host = await sealedHost(backend, engine);
    });

    it.each(damages(backend, engine))('boots closed, and opens for its owner: $path $kind', async (one) => {
      await damage(host, one.path, one.shell);
      try {
        expect(await rebooted(host)).toEqual([]);
        expect(await faultsOf(host)).toEqual([]);
        expect(await answersOf(host)).toEqual([]);
      } finally {
        await putBack(host, one.path);
      }
    });

    it('lets its owner alone in while its programs are damaged, and opens by knock again once they are whole', async () => {
      const programs = '/usr/local/lib/postern/firewall /var/lib/postern/closed/firewall';
      const { vps, job, sealed } = host;
      await inside(
        vps,
        `${UNGUARDED} flock /run/postern-closed.lock true
        for file in ${programs}; do cp -p $file $file.kept; : >$file; done
        nft flush ruleset; systemctl restart postern-firewall.service`,
      );
      const stranger = { address: vps.address, sourceAddress: vps.otherClients[1] };
      expect(await front(vps, job)).toBe('open');
      expect(await front(vps, job, stranger)).toBe('silent');
      await inside(
        vps,
        `for file in ${programs}; do mv $file.kept $file; done; systemctl start postern-guard.timer`,
      );
      await expect.poll(() => front(vps, job), { timeout: 20_000 }).toBe('silent');
      expect(await faultsOf(host)).toEqual([]);
      expect(await inside(vps, 'nft list ruleset')).not.toMatch(/least/i);
      // ufw and firewalld themselves load no rules that somebody flushed: the sealed copy holds until they are restarted.
      const restart = { ufw: 'ufw', firewalld: 'firewalld', nftables: '', iptables: '' }[backend];
      if (restart !== '') await inside(vps, `systemctl restart ${restart}; sleep 8`);
      expect(await inspect(job, sealed, () => {})).toEqual([]);
    });

    it.runIf(LONG || wanted !== undefined || backend === 'ufw')(
      'tells what is in force, and an ordinary change mends it',
      async () => {
        const path = loadedFiles(backend)[0] ?? '';
        await damage(host, path, DAMAGES['garbage'] ?? '');
        await rebooted(host);
        const drift = await inspect(host.job, host.sealed, () => {});
        expect(drift).toContainEqual(expect.stringMatching(`^\\+ file ${path} `));
        expect(drift).toContainEqual(expect.stringMatching(/^\+ fallback \S/));
        const again = { ...host.job, previous: host.sealed };
        const sealed = remembered(again, await hardened(again));
        expect(await inspect(again, sealed, () => {})).toEqual([]);
        expect(await rebooted(host)).toEqual([]);
        expect(await inspect(again, sealed, () => {})).toEqual([]);
      },
    );

    it.each(
      Object.entries(REFUSALS[backend]).filter(
        ([what]) => wanted !== undefined || what === 'sets with a timeout',
      ),
    )('boots closed to strangers, and opens for its owner, when this is refused: %s', async (_, shell) => {
      await damage(host, '/root/nothing', shell);
      try {
        expect(await rebooted(host, true)).toEqual([]);
        // By knock or, where the kernel has no lists for that, from the owner's last addresses.
        const byKnock = await faultsOf(host);
        expect(byKnock.length === 0 ? [] : await faultsOf(host, false), byKnock.join()).toEqual([]);
      } finally {
        await putBack(host, '/root/nothing');
      }
    });
  },
);
