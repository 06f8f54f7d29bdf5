import { describe, expect, it } from 'vitest';
import type { Release } from '../../lab/base.ts';
import type { LabVps } from '../../lab/vps.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor, remembered, type Sections } from '../transaction/fixture.ts';
import { shut } from './backends.ts';

// Packages that come in a later change than the first are not in the snapshot that a host is given back to. `npm run pairs`
// tries every pair; here are those that failed once.

interface Pair {
  readonly release: Release;
  readonly first: Sections;
  readonly second: Sections;
  readonly afterwards: readonly Sections[];
  /** Which changes an earlier Postern made, whose origin said less: the first, or both. */
  readonly earlier?: 'first' | 'both';
}

const ORIGIN = '/var/lib/postern/origin';

/** The origin as an earlier Postern kept it. */
const asEarlier = (vps: LabVps) =>
  inside(vps, `rm ${ORIGIN}/written ${ORIGIN}/snapshot/live.sums ${ORIGIN}/snapshot/live.tools`);

const FIREWALLS = ['ufw', 'firewalld', 'iptables', 'nftables'];
const ENGINES = ['knockd', 'fwknop', 'kernel'];

const by = (backend: string, engine = 'knockd'): Sections => ({
  firewall: { backend },
  knock: { engine },
});

const ordered = (names: readonly string[]) =>
  names.flatMap((first) => names.filter((name) => name !== first).map((second) => [first, second] as const));

const all = (): Pair[] => [
  ...ordered(FIREWALLS).map(
    ([first, second]): Pair => ({
      release: 'bookworm',
      first: by(first),
      second: by(second),
      afterwards: [
        by(second),
        by(first),
        by(FIREWALLS.find((name) => name !== first && name !== second) ?? first),
      ],
    }),
  ),
  {
    release: 'bookworm',
    first: by('nftables', 'kernel'),
    second: by('ufw'),
    afterwards: [by('ufw'), by('nftables')],
    earlier: 'both',
  },
  ...ordered(ENGINES).map(
    ([first, second]): Pair => ({
      release: 'bookworm',
      first: by('nftables', first),
      second: by('nftables', second),
      afterwards: [by('nftables', second), by('nftables', first)],
    }),
  ),
];

const some: Pair[] = [
  { release: 'bookworm', first: by('nftables'), second: by('ufw', 'kernel'), afterwards: [by('ufw')] },
  {
    release: 'trixie',
    first: by('nftables', 'kernel'),
    second: by('firewalld'),
    afterwards: [by('firewalld')],
  },
];

const pairs = process.env['POSTERN_PAIRS'] === 'all' ? all() : LONG ? some : some.slice(0, 1);

const words = (sections: Sections) =>
  Object.values(sections)
    .flatMap((section) => Object.values(section as Record<string, string>))
    .join('/');

/** Packages' own files are there, and as packaged, unless an earlier Postern forgot what they were. */
async function expectPackaged(vps: LabVps, forgotten: boolean): Promise<void> {
  const verify =
    'for package in ufw firewalld knockd fwknop-server nftables; do [ ! -e /var/lib/dpkg/info/$package.list ] || dpkg --verify $package; done';
  // The lab's image is without manual pages and the like.
  const differing = (await inside(vps, verify)).split('\n').filter((line) => / \/etc\//.test(line));
  expect(differing.filter((line) => !forgotten || line.startsWith('missing'))).toEqual([]);
}

describe.each(pairs.map((pair) => ({ ...pair, name: `${words(pair.first)}, then ${words(pair.second)}` })))(
  'a host that had $name',
  ({ release: system, first, second, afterwards, earlier }) => {
    it('has its packages whole when it is given back, and is sealed again', {
      timeout: 600_000,
    }, async () => {
      await withVps(
        async (vps) => {
          const job = await jobFor(vps, first);
          let sealed = remembered(job, await hardened(job));
          if (earlier !== undefined) await asEarlier(vps);
          await inside(vps, `cp ${ORIGIN}/snapshot/absent /root/absent`);
          let last = await jobFor(vps, second, sealed);
          sealed = remembered(last, await hardened(last));
          if (earlier === 'both') {
            await asEarlier(vps).catch(() => {});
            await inside(vps, `rm -f ${ORIGIN}/written; cp /root/absent ${ORIGIN}/snapshot/absent`);
          }
          for (const sections of afterwards) {
            await restoreHost({ ...last, previous: sealed }, sealed, () => {});
            expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
            await expectPackaged(vps, earlier === 'both');
            last = await jobFor(vps, sections);
            sealed = remembered(last, await hardened(last));
            expect(await inspect(last, sealed, () => {})).toEqual([]);
            if (words(sections).startsWith('firewalld'))
              expect(await inside(vps, 'grep ^CleanupOnExit= /etc/firewalld/firewalld.conf')).toBe(
                'CleanupOnExit=no\n',
              );
            await shut(vps);
            expect(await knockedOpen(vps, last)).toBe(true);
          }
        },
        { release: system },
      );
    });
  },
);
