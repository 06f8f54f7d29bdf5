import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KnockEvent } from '../../cli/log/event.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import { front } from '../transaction/door.ts';
import { inside, UNGUARDED } from '../transaction/fixture.ts';
import { cloudDrops, type SealedHost, type SealedProject, sealedHost } from './sealed.ts';

let sealed: SealedHost;
let project: SealedProject;

beforeAll(async () => {
  sealed = await sealedHost('sealed-1');
  project = sealed.own;
});

/** Starts a command that goes on, and gathers its lines of both streams. */
function start(...argv: string[]) {
  const child = spawn(project.program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => lines.push(line));
  return {
    lines,
    /** What Ctrl-C does; resolves to the exit status. */
    async interrupt(): Promise<number | null> {
      child.kill('SIGINT');
      const [code] = await once(child, 'close');
      return code;
    },
  };
}

/** Knocks once, from this machine. */
function knockOnce(): Promise<void> {
  return localVantage().knock(sealed.vps.address, sealed.job.sequences.open);
}

/** What our programs left running on the host. */
async function leftOnHost(): Promise<string[]> {
  const processes = await inside(sealed.vps, 'ps -A -o args=');
  return processes.split('\n').filter((line) => /^perl|journalctl/.test(line));
}

describe('log', () => {
  it('tells of the knock that led in: its stages, from whom, and that the door opened', async () => {
    const { code, stdout, stderr } = await project.postern('log', 'sealed-1', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events: KnockEvent[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const last = events.slice(-5);
    const from = sealed.vps.gateway;
    expect(last.map(({ event, stage, of, seconds }) => ({ event, stage, of, seconds }))).toEqual([
      ...[1, 2, 3, 4].map((stage) => ({ event: 'stage', stage, of: 4, seconds: null })),
      { event: 'opened', stage: null, of: null, seconds: 30 },
    ]);
    expect(new Set(last.map((each) => each.from))).toEqual(new Set([from]));
    expect(Math.abs(Date.now() - Date.parse(last[4]?.at ?? ''))).toBeLessThan(60_000);
    expect(sealed.givesAway(stdout)).toBe(false);
  });

  it('tells of IPv6 and of the closing knock as well, in words', async () => {
    await project.postern('knock', 'sealed-1', '-6');
    await project.postern('knock', 'sealed-1', '-6', '--close');
    const { stdout } = await project.postern('log', 'sealed-1', '--since', '-1min');
    const from = await localVantage().localAddressFor(sealed.vps.addressV6);
    expect(stdout).toMatch(new RegExp(`Z  ${from}  opened for 30 s\n`));
    expect(stdout).toMatch(/stage \d of \d of the closing sequence\n/);
    expect(stdout).toMatch(new RegExp(`Z  ${from}  closed\n`));
    expect(sealed.givesAway(stdout)).toBe(false);
  });

  it('goes on with --follow until Ctrl-C, and leaves nothing running on the host', async () => {
    const log = start('log', 'sealed-1', '--follow', '--since', 'now');
    const opened = () => log.lines.filter((line) => line.endsWith('opened for 30 s'));
    // It may, or may not, tell of its own knock.
    await expect.poll(async () => (await leftOnHost()).length, { timeout: 15_000 }).toBe(1);
    const before = opened().length;
    await expect
      .poll(
        async () => {
          await knockOnce();
          await sleep(700);
          return opened().length;
        },
        { timeout: 15_000 },
      )
      .toBeGreaterThan(before);
    expect(await log.interrupt()).toBe(0);
    await expect.poll(leftOnHost, { timeout: 10_000 }).toEqual([]);
  });
});

describe('watch', () => {
  it('tells which knocks arrive and which a cloud firewall drops, and leaves nothing on the host', async () => {
    const dropped = sealed.job.sequences.open[2];
    const watch = start('watch', 'sealed-1', '-6', '--seconds', '60');
    await expect.poll(() => watch.lines.join(), { timeout: 15_000 }).toContain('Listening on sealed-1');
    const passing = await cloudDrops(
      sealed.vps,
      `ip daddr ${sealed.vps.address} ${dropped?.protocol} dport ${dropped?.port}`,
    );
    try {
      await knockOnce();
      await expect.poll(() => watch.lines.join('\n')).toContain('knock 4 of 4');
    } finally {
      await passing();
    }
    expect(await watch.interrupt()).toBe(0);
    const text = watch.lines.join('\n');
    expect(text).toContain(
      `${sealed.vps.gateway}: 3 of 4 knocks arrived; missing: knock 3 of 4 (${dropped?.protocol}).`,
    );
    expect(sealed.givesAway(text)).toBe(false);
    await expect.poll(leftOnHost, { timeout: 10_000 }).toEqual([]);
  });

  it('listens at the console of a lab VPS whose door stays shut', async () => {
    await sealed.close();
    await inside(sealed.vps, `${UNGUARDED} systemctl stop knockd`);
    try {
      const watch = start('watch', 'sealed-1', '--seconds', '8');
      await expect.poll(() => watch.lines.join(), { timeout: 20_000 }).toContain('Listening on sealed-1');
      await knockOnce();
      await expect
        .poll(() => watch.lines.join('\n'), { timeout: 15_000 })
        .toContain(`${sealed.vps.gateway}: all 4 knocks arrived.`);
    } finally {
      await inside(sealed.vps, 'systemctl start knockd');
    }
    await expect.poll(leftOnHost, { timeout: 10_000 }).toEqual([]);
  });

  it('says for any other host what there is besides its door', async () => {
    const elsewhere = sealed.project({ target: 'existing' });
    await sealed.close();
    await inside(sealed.vps, `${UNGUARDED} systemctl stop knockd`);
    const { code, stderr } = await elsewhere
      .postern('watch', 'sealed-1')
      .finally(() => inside(sealed.vps, 'systemctl start knockd'));
    expect(code).toBe(3);
    expect(stderr).toContain('postern watch sealed-1 --stack devnet --script');
    expect(await front(sealed.vps, sealed.job)).toBe('silent');
  });
});
