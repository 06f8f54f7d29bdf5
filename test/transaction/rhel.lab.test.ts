import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { shut } from '../firewall/backends.ts';
import { freshVps } from '../lab/fixture.ts';
import { front, knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';

// Not a host of RHEL's family: a Debian that has its names and its tools' words, so that every line for it is run.
const DRESS = readFileSync(join(import.meta.dirname, 'rhel/dress.sh'), 'utf8');
const wish = { system: 'rhel', ssh: { port: 2200 } };

let vps: LabVps;
let job: Job;
let sealed: Previous;

beforeAll(async () => {
  vps = await freshVps();
  await inside(vps, DRESS, 120);
  // The owner let a web server have the backup port.
  await inside(vps, 'echo "http_port_t tcp 2222" >/var/lib/dressed/local');
});

const labels = () => inside(vps, 'sort /var/lib/dressed/local');

it('is refused with one sentence as long as the configuration takes it for Debian', async () => {
  await expect(hardened(await jobFor(vps))).rejects.toThrow(
    /not fit for this change:\n {2}- the system is rocky 9\.4, of RHEL's family.*docs\/rhel\.md.*\n.*nothing was written/,
  );
});

it('is sealed by its own names, with SELinux told of the port and of no other', async () => {
  job = await jobFor(vps, wish);
  const reports: string[] = [];
  sealed = remembered(job, await hardened(job, (text) => reports.push(text)));
  expect(reports.join('\n')).toContain('have its console at hand');
  expect(await inspect(job, sealed, () => {})).toEqual([]);
  expect(await labels()).toBe('http_port_t tcp 2222\nssh_port_t tcp 2200\n');
  const log = await inside(vps, 'cat /var/lib/dressed/semanage.log');
  // The backup door, the candidate and the front door: each was labelled before sshd listened on it.
  expect(log.match(/port -[am] -t ssh_port_t -p tcp \d+ 0/g)).toHaveLength(3);
  expect(await inside(vps, 'cat /var/lib/dressed/labels')).toMatch(/restorecon -R \/home\/ops\/\.ssh/);
  expect(await inside(vps, 'cat /etc/sysconfig/knockd')).toContain('OPTIONS=""');
  expect(await inside(vps, 'systemctl is-active sshd.service knockd.service firewalld.service')).toBe(
    'active\nactive\nactive\n',
  );
  expect(await inside(vps, 'ls -d /etc/default/knockd /etc/systemd/system/ssh.service.d || :')).toBe('');
  await shut(vps);
  expect(await front(vps, job)).toBe('silent');
  expect(await knockedOpen(vps, job)).toBe(true);
});

it('goes back exactly, its labels too, when a change fails', async () => {
  await shut(vps);
  const before = await fingerprint(vps);
  const broken = await jobFor(
    vps,
    { ...wish, ssh: { port: 2300 }, knock: { interface: 'lo' }, verify: { attempts: 1 } },
    sealed,
  );
  await expect(hardened(broken)).rejects.toThrow('rolled the change back and is as it was');
  await shut(vps);
  expect(difference(before, await fingerprint(vps))).toEqual([]);
  expect(await labels()).toBe('http_port_t tcp 2222\nssh_port_t tcp 2200\n');
});

it('is given back with no label left of ours, and nothing ever asked for Debian’s tools', async () => {
  await restoreHost(job, sealed, () => {});
  expect(await labels()).toBe('http_port_t tcp 2222\n');
  expect(await inside(vps, 'systemctl is-active sshd.service')).toBe('active\n');
  expect(await inside(vps, 'cat /var/lib/dressed/forbidden')).toBe('');
});
