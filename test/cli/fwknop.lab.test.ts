import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KnockEvent } from '../../cli/log/event.ts';
import { clientInstead } from '../knock/client.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { front } from '../transaction/door.ts';
import { execute } from './program.ts';
import { type SealedHost, sealedHost } from './sealed.ts';

/** What is another than with the other engines; the rest of each command is in its own test. */
describe('with fwknop', () => {
  let sealed: SealedHost;
  let late: NodeJS.ProcessEnv;

  beforeAll(async () => {
    sealed = await sealedHost('sealed-1', { knock: { engine: 'fwknop' } });
    // A lab host has this machine's clock, so it is the client that is told another time.
    const script = 'exec /usr/bin/fwknop "$@" --time-offset-minus 300s';
    late = { ...process.env, PATH: await clientInstead(temporaryFolder(), script) };
  });

  const postern = async (...argv: string[]) => {
    const ended = await sealed.own.postern(...argv);
    expect(sealed.givesAway(ended.stdout + ended.stderr)).toBe(false);
    return ended;
  };

  it('knocks, closes, and runs a command, by itself and by plain ssh', async () => {
    const opened = await postern('knock', 'sealed-1');
    expect(opened).toMatchObject({ code: 0, stdout: expect.stringContaining('is open') });
    expect(await front(sealed.vps, sealed.job)).toBe('open');
    expect(await postern('knock', 'sealed-1', '--close')).toMatchObject({ code: 0 });
    expect(await front(sealed.vps, sealed.job)).toBe('silent');
    const ran = await postern('ssh', 'sealed-1', '--', 'id -un; exit 7');
    expect(ran).toMatchObject({ code: 7, stdout: 'ops\n' });
    await sealed.close();
    const config = join(sealed.own.folder, 'ssh.conf');
    await writeFile(config, (await postern('ssh-config')).stdout);
    expect(await execute(['ssh', '-F', config, 'sealed-1', 'hostname'])).toMatchObject({
      code: 0,
      stdout: 'sealed-1\n',
    });
  });

  it('is found as promised by status and by doctor, which say of IPv6 that it stays shut', async () => {
    await sealed.close();
    const { code, stdout } = await postern('status');
    expect(stdout).toContain('1 host as promised');
    expect(code).toBe(0);
    const found = await postern('doctor', 'sealed-1');
    expect(found.stdout).toMatch(/over IPv4\n.*You can get in: npx --no-install postern ssh sealed-1\n/s);
    expect(found.stdout).toMatch(/over IPv6\n.*BROKEN {3}door +stays shut over IPv6/s);
    expect(found.code).toBe(0);
  });

  it('logs packets that were taken and refused like any knock, and watch hears them', async () => {
    const watching = postern('watch', 'sealed-1', '--seconds', '4');
    await sleep(2500);
    await postern('knock', 'sealed-1');
    const watched = await watching;
    expect(watched.stdout).toContain(`${sealed.vps.gateway} `);
    expect(watched.stderr).toContain(`${sealed.vps.gateway}: all 1 knocks arrived.`);
    await postern('knock', 'sealed-1', '--close');
    const { stdout } = await postern('log', 'sealed-1', '--json', '--since', '-1min');
    const events: KnockEvent[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const told = events.map(({ event, door, stage, of, seconds }) => ({ event, door, stage, of, seconds }));
    const rest = { of: null, door: null, stage: null };
    expect(told.slice(-2)).toEqual([
      { event: 'stage', door: 'open', stage: 1, of: 1, seconds: null },
      { ...rest, event: 'opened', seconds: 30 },
    ]);
    expect(told).toContainEqual({ event: 'stage', door: 'close', stage: 1, of: 1, seconds: null });
    expect(told).toContainEqual({ ...rest, event: 'closed', seconds: null });
    expect(new Set(events.map(({ from }) => from))).toEqual(new Set([sealed.vps.gateway]));
  });

  it('names the clock where it is off by more than a packet is good for', async () => {
    await sealed.close();
    const knocked = await execute([sealed.own.program, 'knock', 'sealed-1'], { env: late });
    expect(knocked.code).toBe(3);
    expect(knocked.stderr).toContain('Do its clock and this machine’s agree within two minutes?');
    const { code, stdout } = await execute([sealed.own.program, 'doctor', 'sealed-1', '-4'], { env: late });
    expect(stdout).toMatch(
      /BROKEN {3}door +fwknop refused the packet: the clocks .* are (299|300|301) s apart/,
    );
    expect(stdout).toContain('timedatectl set-ntp true');
    expect(code).toBe(3);
    expect(sealed.givesAway(stdout + knocked.stderr)).toBe(false);
    const log = await postern('log', 'sealed-1', '--since', '-1min');
    expect(log.stdout).toMatch(
      /refused: the clock of who sent it and this host’s are (299|300|301) s apart\n/,
    );
  });
});
