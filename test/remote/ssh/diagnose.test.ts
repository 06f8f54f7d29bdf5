import { describe, expect, it } from 'vitest';
import { connectionError, readLog } from '../../../remote/ssh/diagnose.ts';
import { fingerprint } from '../../../remote/ssh/host-keys.ts';
import type { Hop } from '../../../remote/ssh/target.ts';
import { makeKeyPair } from './keys.ts';

const hop: Hop = { address: '192.0.2.7', port: 22, user: 'root', hostKeys: [makeKeyPair().publicKey] };
const established = 'debug1: Connecting to 192.0.2.7 [192.0.2.7] port 22.\ndebug1: Connection established.\n';
const greeted = `${established}debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2\n`;

describe('connectionError', () => {
  it.each([
    ['unresolved', 'ssh: Could not resolve hostname nosuch.example: Name or service not known'],
    ['refused', 'ssh: connect to host 192.0.2.7 port 22: Connection refused'],
    ['silent', 'ssh: connect to host 192.0.2.7 port 22: Connection timed out'],
    ['silent', 'ssh: connect to host 192.0.2.7 port 22: Operation timed out'],
    ['unreachable', 'ssh: connect to host 192.0.2.7 port 22: No route to host'],
    ['unreachable', 'ssh: connect to host 2001:db8::7 port 22: Network is unreachable'],
    ['unreachable', 'ssh: connect to host 2001:db8::7 port 22: Permission denied'],
    ['unreachable', 'ssh: connect to host 192.0.2.7 port 22: Invalid argument'],
    ['timeout', `${established}Connection timed out during banner exchange`],
    ['timeout', `${established}Connection to 192.0.2.7 port 22 timed out`],
    ['timeout', `${greeted}Timeout, server 192.0.2.7 not responding.`],
    [
      'account-expired',
      `${greeted}Your account has expired; please contact your system administrator.\nConnection closed by 192.0.2.7 port 22`,
    ],
    ['closed-by-server', `${established}kex_exchange_identification: Connection closed by remote host`],
    ['closed-by-server', `${established}kex_exchange_identification: read: Connection reset by peer`],
    [
      'closed-by-server',
      `${established}kex_exchange_identification: banner line contains invalid characters`,
    ],
    ['closed-by-server', `${greeted}Connection closed by 192.0.2.7 port 22`],
    [
      'no-common-algorithm',
      `${greeted}Unable to negotiate with 192.0.2.7 port 22: no matching key exchange method found. Their offer: x`,
    ],
    [
      'host-key-mismatch',
      `${greeted}Unable to negotiate with 192.0.2.7 port 22: no matching host key type found. Their offer: ssh-rsa`,
    ],
    [
      'host-key-mismatch',
      `${greeted}No ED25519 host key is known for postern-host and you have requested strict checking.\nHost key verification failed.`,
    ],
    ['auth-refused', `${greeted}root@192.0.2.7: Permission denied (publickey,password).`],
    [
      'auth-refused',
      `${greeted}Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures`,
    ],
    ['unknown', 'something nobody has seen before'],
  ])('%s: %s', (kind, log) => {
    expect(connectionError(hop, 'it', log, false).kind).toBe(kind);
  });

  it('takes a client that was cut off for silent before, and for slow after the connection stood', () => {
    expect(connectionError(hop, 'it', 'debug1: Connecting to x', true).kind).toBe('silent');
    expect(connectionError(hop, 'it', established, true).kind).toBe('timeout');
  });

  it('does not let the server’s version line decide', () => {
    const log =
      'debug1: Remote protocol version 2.0, remote software version Host key verification failed.\n';
    expect(connectionError(hop, 'it', log, true).kind).toBe('timeout');
  });

  it('names the key shown and the keys pinned', () => {
    const log = `${greeted}debug1: Server host key: ssh-ed25519 SHA256:shown\nHost key verification failed.`;
    const { message } = connectionError(hop, 'the host', log, false);
    expect(message).toContain('the host showed SHA256:shown, pinned is');
    expect(message).toContain(fingerprint(hop.hostKeys[0] ?? ''));
  });

  it('quotes what was seen without control characters', () => {
    const error = connectionError(hop, 'it', 'odd \u001b[31mthing\u0007', false);
    expect(error.seen).toBe('odd thing');
    expect(error.message).toContain('seen: odd thing');
  });
});

describe('readLog', () => {
  it('tells how far a connection came', () => {
    const log = `${greeted}debug1: Server host key: ssh-ed25519 SHA256:x\nAuthenticated to 192.0.2.7 ([192.0.2.7]:22) using "publickey".\n`;
    expect(readLog(log)).toEqual({
      connected: true,
      greeted: true,
      authenticated: true,
      offered: [],
      hostKey: 'SHA256:x',
      server: 'OpenSSH_9.2p1 Debian-2',
      messages: '',
    });
  });

  it('tells what is offered before a key is shown, and nothing that is offered after it', () => {
    const can = 'debug1: Authentications that can continue:';
    const log = (text: string) => readLog(`${greeted}${text}`).offered;
    expect(log(`${can} publickey,password\n`)).toEqual(['publickey', 'password']);
    expect(log(`${can} publickey\n${can} keyboard-interactive\n`)).toEqual(['publickey']);
    expect(log('Authenticated to 192.0.2.7 ([192.0.2.7]:22) using "none".\n')).toEqual(['none']);
  });
});
