import { createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { broken, codeOf, firstFailure, ok, unknown } from '../../../cli/doctor/check.ts';
import { hostCheck } from '../../../cli/doctor/host-check.ts';
import { givesAway, host, projectWith } from '../fixture.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Listens on a free port of the loopback and says these words to everybody. */
async function saying(words: string): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end(words));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

describe('the culprit', () => {
  const shut = broken('door', 'silent', 'do');
  const dark = unknown('knock', 'left', 'look');

  it('is the first broken link, whatever order they were found in', () => {
    expect(firstFailure([broken('login', 'no', 'do'), shut, ok('host', 'up')])).toBe(shut);
  });

  it('is the first that is not known to hold, where none is known to be broken', () => {
    expect(firstFailure([ok('host', 'up'), dark, unknown('door', 'silent', 'do')])).toBe(dark);
    expect(firstFailure([ok('host', 'up')])).toBeUndefined();
  });

  it('decides the exit status: 3 for the knock and the door, 1 for any other, 0 for who is in', () => {
    expect(codeOf([shut])).toBe(3);
    expect(codeOf([dark])).toBe(3);
    expect(codeOf([broken('login', 'no', 'do')])).toBe(1);
    expect(codeOf([dark, ok('root', 'sudo')])).toBe(0);
  });
});

describe('the host', () => {
  const port = { port: 4002, purpose: 'p2p', admitted: true } as const;

  it.each([
    ['refused', false, 'ok'],
    ['open', false, 'ok'],
    ['silent', true, 'ok'],
    ['silent', false, 'broken'],
    ['unreachable', false, 'broken'],
  ] as const)('whose served port is %s, heard of otherwise: %s, is %s', (state, isUp, verdict) => {
    expect(hostCheck([{ ...port, state }], isUp, host('devnet-1')).state).toBe(verdict);
  });

  it('cannot be judged by ports that this machine is not admitted to', () => {
    const closed = { ...port, admitted: false, state: 'silent' } as const;
    expect(hostCheck([closed], false, host('devnet-1')).state).toBe('unknown');
  });
});

describe('postern doctor', () => {
  it('names sshd where something else answers behind the door', async () => {
    const sshPort = await saying('220 mail.example ESMTP\r\n');
    const knock = {
      'devnet-1': { open: [{ port: 40_123, protocol: 'udp' as const }], close: null, openSeconds: 30 },
    };
    const { postern } = projectWith({
      devnet: { hosts: [host('devnet-1', { sshPort })], knock, config: {} },
    });
    const { code, stdout } = await postern('doctor', 'devnet-1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/BROKEN {3}sshd /);
    expect(stdout).toMatch(/The broken link: sshd\. .*journalctl -u ssh/s);
    expect(stdout).not.toContain('40123');
  });

  it('says what to do about a name that does not resolve', async () => {
    const { postern } = projectWith({
      devnet: { hosts: [host('devnet-1', { address: 'devnet-1.invalid' })] },
    });
    const { code, stdout } = await postern('doctor', 'devnet-1');
    expect(code).toBe(1);
    expect(stdout).toContain('BROKEN   address    devnet-1.invalid does not resolve');
    expect(givesAway(stdout)).toBe(false);
  });
});
