import { beforeAll, describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../../lab/ready.ts';
import type { LabVps } from '../../../lab/vps.ts';
import { inspect } from '../../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../../transaction/job.ts';
import { freshVps } from '../../lab/fixture.ts';
import { LONG } from '../../long.ts';
import { knockedOpen } from '../door.ts';
import { hardened, inside, jobFor, remembered } from '../fixture.ts';
import { cutPowerNow } from '../interrupt.ts';

describe.each(['timed', 'held'] as const)('the drift of a sealed host with a %s door', (door) => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, { knock: { door } });
    sealed = remembered(job, await hardened(job));
  });

  const drift = () => inspect(job, sealed, () => {});

  it('is nothing on a host that nobody touched, whoever knocked', async () => {
    expect(await knockedOpen(vps, job, { sourceAddress: vps.otherClients[0] })).toBe(true);
    expect(await knockedOpen(vps, job, { address: vps.addressV6 })).toBe(true);
    expect(await drift()).toEqual([]);
    expect(await drift()).toEqual([]);
  });

  it('is nothing after a reboot or a reload of the firewall', async () => {
    await inside(vps, 'ufw reload');
    expect(await drift()).toEqual([]);
    const boots = await bootCount(vps);
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: boots });
    expect(await drift()).toEqual([]);
  });

  const byHand: [string, string, RegExp][] = [
    [
      'echo "# by hand" >>/etc/ssh/sshd_config.d/00-postern.conf',
      'sed -i "$ d" /etc/ssh/sshd_config.d/00-postern.conf',
      /00-postern\.conf/,
    ],
    ['chmod 644 /etc/knockd.conf', 'chmod 600 /etc/knockd.conf', /knockd\.conf mode 644 root:root$/],
    [
      'echo "#" >>/home/ops/.ssh/authorized_keys',
      'sed -i "$ d" /home/ops/.ssh/authorized_keys',
      /authorized_keys/,
    ],
    [
      'systemctl disable -q knockd.service',
      'systemctl enable -q knockd.service',
      /unit knockd\.service disabled/,
    ],
    ['ufw allow 9999/tcp', 'ufw delete allow 9999/tcp', /rules iptables/],
    ['iptables -I INPUT 2 -p tcp --dport 9998 -j ACCEPT', 'iptables -D INPUT 2', /rules iptables/],
    [
      'iptables -I INPUT -p tcp --dport 2222 -m comment --comment postern-backup -j ACCEPT',
      'iptables -D INPUT -p tcp --dport 2222 -m comment --comment postern-backup -j ACCEPT',
      /rules iptables/,
    ],
    [
      'ufw allow from 192.0.2.7 to any port 22 proto tcp',
      'ufw delete allow from 192.0.2.7 to any port 22 proto tcp',
      /rules iptables/,
    ],
  ];
  it.each(door === 'timed' || LONG ? byHand : byHand.slice(-2))(
    'names what was changed by hand: %s',
    async (change, back, naming) => {
      await inside(vps, change);
      const found = await drift();
      await inside(vps, back);
      expect(found.filter((line) => line.startsWith('+')).join('\n')).toMatch(naming);
      expect(await drift()).toEqual([]);
    },
  );
});

it('shows that another deployer changed a host, although its door and its files are as they were', async () => {
  const vps = await freshVps();
  const job = await jobFor(vps);
  const first = await hardened(job);
  const known = { ...remembered(job, first), sealedAt: first.sealedAt, change: first.change };
  expect(await inspect(job, known, () => {})).toEqual([]);
  const second = await hardened({ ...job, previous: known });
  expect(second.sealedAt).not.toBe(first.sealedAt);
  expect(await inspect(job, known, () => {})).toEqual([
    `- sealed ${first.sealedAt}, by the last change that this state knows`,
    expect.stringMatching(`^\\+ sealed ${second.sealedAt}, by a change of .+@.+ that it does not know$`),
  ]);
  // A state from before it kept ids compares the times.
  for (const previous of [known, { ...known, change: undefined }])
    await expect(hardened({ ...job, previous })).rejects.toThrow(
      new RegExp(
        `The state is older than the host: the change ${second.change} of .+@.+ at ${second.sealedAt}`,
      ),
    );
  const unsaved = { changes: [second.change], unknown: false };
  expect((await hardened({ ...job, previous: known, unsaved })).sealedAt).not.toBe(second.sealedAt);
});
