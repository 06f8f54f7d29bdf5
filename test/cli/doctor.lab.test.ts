import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../cli/doctor/check.ts';
import { makeIdentity } from '../lab/fixture.ts';
import { front } from '../transaction/door.ts';
import { inside, UNGUARDED } from '../transaction/fixture.ts';
import { host } from './fixture.ts';
import { cloudDrops, type Given, type SealedHost, sealedHost } from './sealed.ts';

const run = promisify(execFile);

let sealed: SealedHost;
beforeAll(async () => {
  sealed = await sealedHost('sealed-1');
});

/** What doctor found over one IP version. */
interface Found {
  readonly code: number;
  readonly broken: string | null;
  /** State by link. */
  readonly states: Record<string, Check['state']>;
  /** What was seen and what to do, of the link that is to blame. */
  readonly text: string;
  /** What to type, of that link. */
  readonly commands: readonly string[];
}

/** Asks doctor over IPv4, or as the words say. Without anything given: in the project that has the lab VPS. */
async function asked(given?: Given, ...words: string[]): Promise<Found> {
  const { postern } = given === undefined ? sealed.own : sealed.project(given);
  const over = words.length === 0 ? ['-4'] : words;
  const { code, stdout, stderr } = await postern('doctor', 'sealed-1', '--json', ...over);
  expect(stderr).toBe('');
  expect(sealed.givesAway(stdout)).toBe(false);
  const [result] = JSON.parse(stdout).results;
  const links: Check[] = result.links;
  const blamed = links.find(({ name }) => name === result.broken);
  return {
    code,
    broken: result.broken,
    states: Object.fromEntries(links.map(({ name, state }) => [name, state])),
    text: `${blamed?.seen} ${blamed?.advice}`,
    commands: blamed?.commands ?? [],
  };
}

/** Breaks something inside the VPS, whose door is closed, for as long as `use` takes. */
async function whileBroken<T>(broken: string, mended: string, use: () => Promise<T>): Promise<T> {
  await sealed.close();
  await inside(sealed.vps, broken);
  try {
    return await use();
  } finally {
    await inside(sealed.vps, mended);
  }
}

const whole = ['address', 'route', 'host', 'knock', 'door', 'sshd', 'host key', 'login', 'root'];

describe('where all is well', () => {
  it('says so over both IP versions, and closes the doors behind itself', async () => {
    const { postern } = sealed.own;
    const { code, stdout } = await postern('doctor', 'sealed-1');
    expect(stdout.match(/^ {2}(\w+) /gm)?.map((each) => each.trim())).toEqual(
      [...whole, ...whole].map(() => 'ok'),
    );
    expect(stdout).toContain('You can get in: npx --no-install postern ssh sealed-1\n');
    expect(stdout).toContain('You can get in: npx --no-install postern ssh sealed-1 -6\n');
    expect(code).toBe(0);
    for (const address of [sealed.vps.address, sealed.vps.addressV6])
      expect(await front(sealed.vps, sealed.job, { address })).toBe('silent');
    expect(sealed.givesAway(stdout)).toBe(false);
  });

  it('does not take a door that is open already for a proof of the knock', async () => {
    const { postern } = sealed.own;
    await postern('knock', 'sealed-1', '-4');
    expect(await asked()).toMatchObject({ code: 0, broken: null, states: { knock: 'ok' } });
  });
});

describe('the link that breaks is named, with what to do:', () => {
  it('address', async () => {
    const found = await asked({ address: 'sealed-1.invalid', addressV6: null }, '--stack', 'devnet');
    expect(found).toMatchObject({ code: 1, broken: 'address' });
    expect(found.text).toMatch(/sealed-1\.invalid does not resolve.*DNS/);
  });

  it('route', async () => {
    const found = await asked({ addressV6: 'fe80::1' }, '-6');
    expect(found).toMatchObject({ code: 1, broken: 'route' });
    expect(found.text).toContain('try -4');
  });

  it('host', async () => {
    const end = await cloudDrops(sealed.vps, 'meta protocol { ip, ip6 }');
    const found = await asked({ target: 'existing' }).finally(end);
    expect(found).toMatchObject({ code: 1, broken: 'host', states: { route: 'ok', knock: 'unknown' } });
    expect(found.text).toMatch(/4002.*silent as well.*cloud firewall/);
  });

  it('host, over one IP version alone, and that the other leads in', async () => {
    await sealed.close();
    const end = await cloudDrops(sealed.vps, `ip daddr ${sealed.vps.address}`);
    const { postern } = sealed.project({ target: 'existing' });
    const { code, stdout, stderr } = await postern('doctor', 'sealed-1').finally(end);
    // While it takes its time, it says what at.
    expect(stderr).toMatch(/^sealed-1 over IPv4: .*…\n.*IPv4: knocking.*IPv6: .*IPv6: logging in …\n$/s);
    expect(stdout).toMatch(/over IPv4\n.*The broken link: (host|knock)\..*over IPv6\n.*ssh sealed-1 -6\n/s);
    // `postern ssh` takes IPv4 unless told otherwise.
    expect(code).not.toBe(0);
  });

  it('knock, where it cannot leave this machine', async () => {
    const rule = ['to', sealed.vps.address, 'ipproto', 'udp', 'pref', '99', 'prohibit'];
    await run('ip', ['rule', 'add', ...rule]);
    const found = await asked().finally(() => run('ip', ['rule', 'delete', ...rule]));
    // Looking up the route is the same to the kernel.
    expect(['knock', 'route']).toContain(found.broken);
    expect(found.code).toBe(found.broken === 'knock' ? 3 : 1);
  });

  it('knock, where it does not arrive: heard over the other IP version', async () => {
    const { protocol, port } = sealed.job.sequences.open[1] ?? {};
    const end = await cloudDrops(sealed.vps, `ip daddr ${sealed.vps.address} ${protocol} dport ${port}`);
    const found = await asked({ target: 'existing' }).finally(end);
    expect(found).toMatchObject({ code: 3, broken: 'knock', states: { host: 'ok' } });
    expect(found.text).toMatch(/^3 of 4 knocks arrive from .* \(heard over IPv6\); missing: knock 2 of 4/);
    expect(found.text).toContain('cloud firewall');
  });

  it('door, where the daemon is down: heard at the console of a lab VPS', async () => {
    const found = await whileBroken(`${UNGUARDED} systemctl stop knockd`, 'systemctl start knockd', () =>
      asked(),
    );
    expect(found).toMatchObject({ code: 3, broken: 'door', states: { host: 'ok', knock: 'ok' } });
    expect(found.text).toMatch(/^knockd is not running there: inactive .*systemctl restart knockd/);
  });

  it('door, where it stands open from before and the daemon has died since', async () => {
    await sealed.own.postern('knock', 'sealed-1', '-4');
    await inside(sealed.vps, `${UNGUARDED} systemctl stop knockd`);
    const found = await asked().finally(() => inside(sealed.vps, 'systemctl start knockd'));
    expect(found).toMatchObject({ code: 3, broken: 'door', states: { login: 'ok', root: 'ok' } });
    expect(found.text).toMatch(
      /closing sequence does not shut it You can get in now.*systemctl status knockd/,
    );
    await sealed.close();
  });

  it('door, where the knocks arrive and the daemon runs', async () => {
    const closed = (tool: string) => `iptables ${tool} INPUT -p tcp --dport 22 -j DROP`;
    const mended = `${closed('-D')}; systemctl start postern-guard.timer`;
    const found = await whileBroken(`${UNGUARDED} ${closed('-I')}`, mended, () =>
      asked({ target: 'existing' }),
    );
    expect(found).toMatchObject({ code: 3, broken: 'door', states: { knock: 'ok' } });
    expect(found.text).toMatch(/^it was opened for .* another rule on the host drops them/);
  });

  it('door, where the cloud firewall passes the knocks and not the port behind', async () => {
    await sealed.close();
    const end = await cloudDrops(sealed.vps, `ip daddr ${sealed.vps.address} tcp dport 22`);
    const found = await asked({ target: 'existing' }).finally(end);
    expect(found).toMatchObject({ code: 3, broken: 'door', states: { host: 'ok', knock: 'ok' } });
    expect(found.text).toMatch(/port 22 do not arrive at the host .*cloud firewall has to pass port 22/);
  });

  it('door, where the host has another sequence: as many knocks as it takes', async () => {
    const swapLast =
      "sed -i.kept -E '/postern-open/,/command/s/^( *sequence = [^,]+,[^,]+),([^,]+),([^,]+)$/\\1,\\3,\\2/' /etc/knockd.conf";
    const mended = 'mv /etc/knockd.conf.kept /etc/knockd.conf; systemctl restart knockd';
    const found = await whileBroken(`${swapLast} && systemctl restart knockd`, mended, () => asked());
    expect(found).toMatchObject({ code: 3, broken: 'door', states: { host: 'ok', knock: 'ok' } });
    expect(found.text).toMatch(/^knockd runs there, and took 2 of 4 knocks.*another sequence/);
  });

  it('knock or door, where nobody can get inside, with what the console would tell', async () => {
    const found = await whileBroken(`${UNGUARDED} systemctl stop knockd`, 'systemctl start knockd', () =>
      asked({ target: 'existing' }),
    );
    expect(found).toMatchObject({ code: 3, states: { host: 'ok', knock: 'unknown', door: 'unknown' } });
    expect(found.text).toContain('npx --no-install postern watch sealed-1 -s devnet --script');
  });

  it('sshd', async () => {
    const found = await whileBroken(
      `${UNGUARDED} systemctl stop ssh.socket ssh 2>&1`,
      'systemctl start ssh',
      () => asked(),
    );
    expect(found).toMatchObject({ code: 1, broken: 'sshd', states: { knock: 'ok', door: 'ok' } });
    expect(found.text).toMatch(/nothing listens there .*systemctl restart ssh/);
  });

  it('host key', async () => {
    const found = await asked({ hostKeys: host('x').hostKeys });
    expect(found).toMatchObject({ code: 1, broken: 'host key', states: { sshd: 'ok' } });
    expect(found.text).toMatch(/showed SHA256:\S+, pinned is SHA256:.*acceptHostKeys/);
  });

  it('login', async () => {
    const { file } = await makeIdentity('stranger');
    const found = await asked({ identity: file });
    expect(found).toMatchObject({ code: 1, broken: 'login', states: { 'host key': 'ok' } });
    expect(found.text).toContain(`The key ${file} was offered`);
    const none = await asked({ identity: `${file}-not-there` });
    expect(none).toMatchObject({ broken: 'login', text: expect.stringContaining('cannot be read') });
    await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'words', '-f', file]);
    const locked = await asked({ identity: file });
    expect(locked).toMatchObject({ broken: 'login', text: expect.stringContaining('has a passphrase') });
  });

  it('root', async () => {
    const found = await whileBroken(
      'mv /etc/sudoers.d/postern /root/',
      'mv /root/postern /etc/sudoers.d/',
      () => asked(),
    );
    expect(found).toMatchObject({ code: 1, broken: 'root', states: { login: 'ok' } });
    expect(found.text).toContain('sudo');
    // What it says to type at the console mends it.
    await whileBroken('mv /etc/sudoers.d/postern /root/', 'mv /root/postern /etc/sudoers.d/', async () => {
      await inside(sealed.vps, found.commands.join('\n'));
      expect(await asked()).toMatchObject({ code: 0, broken: null });
    });
  });

  it('rules that could not be loaded, though you get in; status tells it too', async () => {
    const load = 'sh /usr/local/lib/postern/closed load';
    const broken = `mv /etc/postern/chain.v4 /root/; echo garbage >/etc/postern/chain.v4; ${load}`;
    const mended = `mv /root/chain.v4 /etc/postern/; ${load}; ! [ -e /run/postern/fallback ]`;
    await whileBroken(broken, mended, async () => {
      const found = await asked();
      expect(found).toMatchObject({ code: 0, broken: 'rules', states: { door: 'ok', root: 'ok' } });
      expect(found.text).toMatch(
        /could not load its firewall rules since .*sealed copy.*npx pulumi up -s devnet/,
      );
      const { code, stdout } = await sealed.own.postern('status');
      expect(stdout).toContain('sealed-1: ');
      expect(stdout).toContain('could not load its firewall rules since');
      expect(code).toBe(1);
      expect(sealed.givesAway(stdout)).toBe(false);
    });
    expect(await asked()).toMatchObject({ code: 0, broken: null });
  });

  it('access, where sshd was told otherwise by hand, though you get in; status tells it too', async () => {
    const file = '/etc/ssh/sshd_config.d/00-a.conf';
    const lines = 'Match User ops\\nAuthenticationMethods any\\nPasswordAuthentication yes\\n';
    const broken = `printf '${lines}' >${file}; systemctl reload ssh`;
    await whileBroken(broken, `rm ${file}; systemctl reload ssh`, async () => {
      const found = await asked();
      expect(found).toMatchObject({ code: 0, broken: 'access', states: { root: 'ok' } });
      expect(found.text).toMatch(/passwordauthentication yes, in force for .*00-a\.conf/is);
      const { code, stdout } = await sealed.own.postern('status');
      expect(stdout).toMatch(/sealed-1: .*sshd does something else than it was sealed with/s);
      expect(code).toBe(1);
    });
    expect(await asked()).toMatchObject({ code: 0, broken: null });
  });
});
