import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { arrivalCounts, arrivalCountText, readArrival } from '../../../cli/watch/arrival.ts';
import { consoleScript } from '../../../cli/watch/listen.ts';
import { watchedPortLines, watchedPorts } from '../../../cli/watch/watched-ports.ts';
import { closingSequence, givesAway, host, projectWith, secretSequence } from '../fixture.ts';

const knock = { open: secretSequence, close: closingSequence, openSeconds: 30 };
const ports = watchedPorts(knock, 22);
const now = new Date('2026-11-21T12:44:53.123Z');

function arrived(from: string, labels: readonly string[]) {
  return labels.flatMap((label) => readArrival(`${from}\t${label}`, ports, now) ?? []);
}

describe('the ears on a host', () => {
  it('are the ports of both sequences and the ssh port, told apart by words that name no port', () => {
    expect(ports).toHaveLength(7);
    expect(ports.map(({ label }) => label).join()).toBe(
      'knock 1 of 3,knock 2 of 3,knock 3 of 3,closing knock 1 of 3,closing knock 2 of 3,closing knock 3 of 3,connection to ssh',
    );
    expect(watchedPortLines(ports)).toContain(
      `${secretSequence[1].protocol} ${secretSequence[1].port}\tknock 2 of 3\n`,
    );
  });

  it('are one where a port is knocked on twice', () => {
    const [first, second] = secretSequence;
    const twice = watchedPorts({ open: [first, second, first], close: null, openSeconds: 30 }, 22);
    expect(twice.map(({ label }) => label)).toEqual([
      'knock 1 of 3 or knock 3 of 3',
      'knock 2 of 3',
      'connection to ssh',
    ]);
  });
});

describe('what arrives', () => {
  it('is read from a line, and nothing else is', () => {
    expect(readArrival('192.0.2.7\tknock 2 of 3', ports, now)).toEqual({
      at: '2026-11-21T12:44:53.123Z',
      from: '192.0.2.7',
      what: 'knock 2 of 3',
      protocol: 'udp',
    });
    for (const line of ['', 'ready', '192.0.2.7', 'x\tknock 2 of 3', '192.0.2.7\tknock 9 of 3'])
      expect(readArrival(line, ports, now)).toBeUndefined();
  });

  it('is counted for each sender, and what never came is named', () => {
    const arrivals = [
      ...arrived('192.0.2.7', ['knock 1 of 3', 'knock 3 of 3', 'knock 1 of 3']),
      ...arrived('192.0.2.8', ['knock 1 of 3', 'knock 2 of 3', 'knock 3 of 3', 'connection to ssh']),
      ...arrived('192.0.2.9', ['connection to ssh']),
    ];
    expect(arrivalCounts(arrivals, ports).map(arrivalCountText)).toEqual([
      '192.0.2.7: 2 of 3 knocks arrived; missing: knock 2 of 3 (udp). Something between there and the host drops them.',
      '192.0.2.8: all 3 knocks arrived.',
    ]);
  });
});

describe('postern watch', () => {
  it('prints the program for a console, with its secret on standard output only', async () => {
    const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')] } });
    const { code, stdout, stderr } = await postern('watch', 'devnet-1', '--script', '--seconds', '60');
    expect(code).toBe(0);
    expect(stdout).toBe(consoleScript(ports, 60));
    expect(stderr).toContain('Secret');
    expect(givesAway(stderr)).toBe(false);
    execFileSync('sh', ['-n'], { input: stdout });
  });

  it.each(['0', '1.5', '3601', 'x'])('refuses --seconds %s', async (seconds) => {
    const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')] } });
    expect(await postern('watch', 'devnet-1', '--seconds', seconds)).toMatchObject({ code: 2 });
  });
});

// A packet socket is root's.
describe.runIf(process.getuid?.() === 0 && process.platform === 'linux')('the program', () => {
  it('hears what is sent to a port, over IPv4 and IPv6, and ends when nobody reads', async () => {
    const child = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(consoleScript(ports, 30));
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    await expect.poll(() => lines, { timeout: 5000 }).toContain('ready');
    const port = secretSequence[1].port;
    for (const [type, address] of [
      ['udp4', '127.0.0.1'],
      ['udp6', '::1'],
    ] as const) {
      const socket = createSocket(type);
      // Again and again: what else goes through this machine may have the kernel drop one.
      const heard = () => {
        socket.send(new Uint8Array(0), port, address);
        return lines;
      };
      await expect.poll(heard, { timeout: 5000 }).toContain(`${address}\tknock 2 of 3`);
      socket.close();
    }
    expect(givesAway(lines.join())).toBe(false);
    child.stdout.destroy();
    await once(child, 'exit');
  }, 15_000);
});
