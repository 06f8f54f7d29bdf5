import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp } from '../../remote/probe.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { logPackets, markLog, packetsSince, unlogPackets } from '../knock/kernel-log.ts';
import { freshVps, withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { cutPowerNow } from '../transaction/interrupt.ts';
import { hardenUnheard } from '../transaction/outage.ts';
import { listen } from './backends.ts';

const install = (vps: LabVps, ...packages: string[]) =>
  inside(
    vps,
    `apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install ${packages.join(' ')}`,
  );

/** The change is refused, its reason said, and nothing is written. */
async function expectRefusal(vps: LabVps, firewall: Record<string, unknown>, saying: RegExp): Promise<void> {
  const before = await fingerprint(vps);
  const error = await hardened(await jobFor(vps, { firewall })).then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error?.message).toMatch(saying);
  expect(error?.message).toContain('nothing was written');
  expect(difference(before, await fingerprint(vps))).toEqual([]);
}

describe('a host with rules of its own and iptables-persistent', () => {
  let vps: LabVps;
  afterAll(unlogPackets);
  beforeAll(async () => {
    logPackets();
    vps = await freshVps();
    await listen(vps, [7777, 8080]);
    await install(vps, 'iptables-persistent', 'netfilter-persistent');
    await inside(
      vps,
      `iptables -A INPUT -p tcp --dport 8080 -m comment --comment "mine -j POSTERN-INPUT, no postern-backup" -j ACCEPT
      iptables -A INPUT -j LOG --log-prefix "mine -j POSTERN "
      iptables -t nat -A PREROUTING -p tcp --dport 8081 -j REDIRECT --to-ports 8080
      netfilter-persistent save
      nft 'add table inet mine; add chain inet mine in { type filter hook input priority 5; }; add rule inet mine in tcp dport 7777 drop'`,
    );
  });

  it('is refused where apt would remove its manager, which is found by simulation', () =>
    expectRefusal(vps, { backend: 'ufw' }, /to install ufw, apt would remove .*netfilter-persistent/));

  it.each(['nftables', 'ufw', 'firewalld'])('is refused %s beside its manager', (backend) =>
    expectRefusal(vps, { backend }, /netfilter-persistent\.service is active or starts at boot beside/),
  );

  it('is refused where nobody said what becomes of its rules', () =>
    expectRefusal(vps, { backend: 'iptables' }, /--dport 8080 .*-j ACCEPT.*nftables table inet mine/s));

  it('keeps them when told to: in force, in its files, and after a boot', async () => {
    const job = await jobFor(vps, { firewall: { backend: 'iptables', foreignRules: 'keep' } });
    const sealed = remembered(job, await hardened(job));
    const state = async (port: number) =>
      (await probeTcp({ address: vps.address, port, timeoutMilliseconds: 500 })).state;
    const expectKept = async () => {
      const mark = markLog('kept');
      expect(await state(8080)).toBe('open');
      expect(await state(8081)).toBe('open');
      expect(await state(25)).toBe('silent');
      expect(await front(vps, job)).toBe('silent');
      expect(await knockedOpen(vps, job)).toBe(true);
      expect(await inspect(job, sealed, () => {})).toEqual([]);
      await inside(vps, 'echo / >/proc/net/xt_recent/postern4');
      // Which a rule of the owner's would have logged.
      const logged = (await packetsSince(vps, mark)).join('\n');
      expect(logged).toContain('DPT=25 ');
      for (const { port } of job.sequences.open) expect(logged).not.toContain(`DPT=${port} `);
    };
    expect(await state(7777)).toBe('silent');
    await expectKept();
    await inside(vps, 'systemctl restart netfilter-persistent.service');
    await expectKept();
    const boots = await bootCount(vps);
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: boots });
    await expectKept();
  });
});

describe('a host that firewalld runs on', () => {
  let vps: LabVps;
  beforeAll(async () => {
    vps = await freshVps();
    await install(vps, 'firewalld');
    await inside(vps, 'firewall-cmd --permanent --add-service=http && firewall-cmd --reload');
  });

  it.each(['nftables', 'ufw', 'iptables'])('is refused %s beside it', (backend) =>
    expectRefusal(vps, { backend }, /firewalld\.service is active or starts at boot beside/),
  );

  it.each(['refuse', 'keep'])(
    'is refused where the zone has more than the configuration: %s',
    (foreignRules) => expectRefusal(vps, { backend: 'firewalld', foreignRules }, /services http/),
  );

  it('is taken over once the zone has nothing more; a change that fails gives it back exactly', async () => {
    await inside(
      vps,
      'firewall-cmd --permanent --remove-service=http && firewall-cmd --reload && firewall-cmd --add-rich-rule="rule family=ipv4 source address=192.0.2.7 port port=22 protocol=tcp accept"',
    );
    await install(vps, 'knockd');
    const before = await fingerprint(vps);
    const broken = await jobFor(vps, { firewall: { backend: 'firewalld' }, verify: { attempts: 1 } });
    expect(await hardenUnheard(vps, broken)).toMatch(
      /after the right sequence .*rolled the change back and is as it was/s,
    );
    expect(difference(before, await fingerprint(vps))).toEqual([]);
    const job = await jobFor(vps, { firewall: { backend: 'firewalld' } });
    await hardened(job);
    expect(await inside(vps, 'firewall-cmd --list-all')).not.toMatch(/\bssh\b|192\.0\.2\.7/);
    expect(await front(vps, job, { sourceAddress: vps.otherClients[0] })).toBe('silent');
  });
});

describe('a host whose owner has nftables.service load something else', () => {
  const DROP_IN = '/etc/systemd/system/nftables.service.d/override.conf';
  const override = `mkdir -p ${DROP_IN.replace('/override.conf', '')}
    printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/nft -f /etc/mine.nft\\n' >${DROP_IN}
    systemctl daemon-reload`;
  const saying =
    /nftables\.service does not run .*nftables\.service\.d\/override\.conf has ExecStart=\/usr\/sbin\/nft -f \/etc\/mine\.nft\. .*remove the lines/;

  it('is refused, also where they come after a change, which hides them; other firewalls do not mind', async () => {
    const vps = await freshVps();
    await inside(vps, override);
    await expectRefusal(vps, { backend: 'nftables' }, saying);
    await inside(vps, `rm ${DROP_IN} && systemctl daemon-reload`);
    const job = await jobFor(vps, { firewall: { backend: 'nftables' } });
    const sealed = remembered(job, await hardened(job));
    await inside(vps, override);
    expect(await inside(vps, 'systemctl show -p ExecStart nftables.service')).not.toContain('mine.nft');
    const next = await jobFor(vps, { firewall: { backend: 'nftables' }, ssh: { port: 2200 } }, sealed);
    await expect(hardened(next)).rejects.toThrow(saying);
    await hardened(await jobFor(vps, { firewall: { backend: 'iptables' } }, sealed));
    expect(await inside(vps, 'systemctl show -p ExecStart nftables.service')).toContain('mine.nft');
  });

  it('is refused where no file of the owner says so', async () => {
    await withVps(async (vps) => {
      const unit = '/usr/lib/systemd/system/nftables.service';
      await inside(vps, `sed -i '/^ExecStop=/d' ${unit} && systemctl daemon-reload`);
      await expectRefusal(vps, { backend: 'nftables' }, /package has it run: ExecStop=\. /);
    });
  });
});
