import { describe, expect, it } from 'vitest';
import { eventLine, eventOf, readEntry } from '../../../cli/log/event.ts';

const at = '2026-11-21T12:44:53.123Z';
const lengths = { open: 4, close: 5 };

function entry(message: unknown, identifier = 'knockd'): string {
  const time = String(Date.parse(at) * 1000);
  const fields = { __REALTIME_TIMESTAMP: time, __CURSOR: 's=ab;i=1;b=cd', SYSLOG_IDENTIFIER: identifier };
  return JSON.stringify({ ...fields, MESSAGE: message });
}

function event(message: string) {
  const read = readEntry(entry(message));
  if (read === undefined) throw new Error('not read');
  return eventOf(read, lengths);
}

const none = { door: null, stage: null, of: null, seconds: null };

it('a line of a sequence that was replaced does not say how long that was', () => {
  const of = (message: string, lengths: { open: number; close: number | null }) => {
    const entry = { MESSAGE: message, __REALTIME_TIMESTAMP: '1', __CURSOR: 's=1' };
    return eventOf(entry, lengths)?.of;
  };
  const third = '192.0.2.7: postern-open: Stage 3';
  expect(of(third, { open: 3, close: null })).toBe(3);
  expect(of(third, { open: 1, close: 1 })).toBeNull();
  expect(of('192.0.2.7: postern-open: Stage 1', { open: 1, close: 1 })).toBeNull();
  expect(of('192.0.2.7: postern-close: Stage 1', { open: 4, close: null })).toBeNull();
});

describe('what the host says of a knock', () => {
  it.each([
    [
      '192.0.2.7: postern-open: Stage 2',
      { event: 'stage', from: '192.0.2.7', door: 'open', stage: 2, of: 4 },
    ],
    ['2001:db8::7: postern-close: Stage 1', { from: '2001:db8::7', door: 'close', stage: 1, of: 5 }],
    ['192.0.2.7: postern-open: sequence timeout (stage 3)', { event: 'expired', stage: 3, of: 4 }],
    ['opened for 192.0.2.7, 30 s', { ...none, event: 'opened', from: '192.0.2.7', seconds: 30 }],
    ['opened for 2001:db8::7, until the closing knock', { ...none, event: 'opened', from: '2001:db8::7' }],
    ['closed for 192.0.2.7', { ...none, event: 'closed', from: '192.0.2.7' }],
    ['postern-knock: stage 1 of 6 for 192.0.2.7', { event: 'stage', from: '192.0.2.7', stage: 1, of: 6 }],
    [
      'postern-knock stage 3 of 6 IN=eth0 OUT= MAC=00 SRC=192.0.2.7 DST=192.0.2.1 PROTO=TCP DPT=7123',
      { event: 'stage', from: '192.0.2.7', stage: 3, of: 6 },
    ],
    [
      'postern-door opened, 30 s IN=eth0 SRC=2001:db8::7 DPT=7123',
      { ...none, event: 'opened', from: '2001:db8::7', seconds: 30 },
    ],
    [
      '[192.0.2.7] (stanza #1) Running CMD_CYCLE_OPEN command: /usr/local/lib/postern/door open 192.0.2.7',
      { event: 'stage', from: '192.0.2.7', door: 'open', stage: 1, of: 4, why: null },
    ],
    [
      '[192.0.2.7] (stanza #2) Running CMD_CYCLE_OPEN command: /usr/local/lib/postern/door close 192.0.2.7',
      { event: 'stage', from: '192.0.2.7', door: 'close', stage: 1, of: 5 },
    ],
    [
      '[192.0.2.7] (stanza #1) SPA data time difference is too great (125 seconds).',
      { ...none, event: 'refused', from: '192.0.2.7', seconds: 125, why: 'clock' },
    ],
    [
      'Replay detected from source IP: 192.0.2.7, Destination proto/port: 17/7123, Original source IP: 192.0.2.8, Original dst proto/port: 17/7123, Entry created: 11/21/26 19:13:22',
      { ...none, event: 'refused', from: '192.0.2.7', why: 'replay' },
    ],
  ])('is one event: %s', (message, expected) => {
    expect(event(message)).toMatchObject({ at, ...expected });
    expect(JSON.stringify(event(message))).not.toContain('7123');
  });

  it.each([
    'starting up, listening on eth0',
    '192.0.2.7: postern-open: OPEN SESAME',
    'postern-open: running command: /usr/local/lib/postern/door open 192.0.2.7',
    '192.0.2.7: postern-decoy-1: Stage 1',
    'refused: not an address',
    '(stanza #1) SPA Packet from IP: 192.0.2.7 received with access source match',
    '[192.0.2.7] (stanza #1) Error creating fko context: Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL',
    '[UFW BLOCK] IN=eth0 SRC=192.0.2.7 DPT=7123',
  ])('is not an event: %s', (message) => {
    expect(event(message)).toBeUndefined();
  });

  it.each(['', '-- cursor: s=ab', '{}', entry([1, 2]), entry('x').replace('s=ab', "$(id)'")])(
    'is not an entry: %s',
    (line) => {
      expect(readEntry(line)).toBeUndefined();
    },
  );
});

it('reads as one line for people', () => {
  const lines = [
    '192.0.2.7: postern-open: Stage 2',
    '192.0.2.7: postern-close: sequence timeout (stage 3)',
    'opened for 192.0.2.7, 30 s',
    'opened for 192.0.2.7, until the closing knock',
    'closed for 192.0.2.7',
    '[192.0.2.7] (stanza #1) SPA data time difference is too great (125 seconds).',
    'Replay detected from source IP: 192.0.2.7, Destination proto/port: 17/7123',
  ].flatMap((message) => event(message) ?? []);
  expect(lines.map(eventLine)).toEqual([
    '2026-11-21 12:44:53.123Z  192.0.2.7        stage 2 of 4',
    '2026-11-21 12:44:53.123Z  192.0.2.7        gave up after stage 3 of 5 of the closing sequence: its time was over',
    '2026-11-21 12:44:53.123Z  192.0.2.7        opened for 30 s',
    '2026-11-21 12:44:53.123Z  192.0.2.7        opened, until it is closed',
    '2026-11-21 12:44:53.123Z  192.0.2.7        closed',
    '2026-11-21 12:44:53.123Z  192.0.2.7        refused: the clock of who sent it and this host’s are 125 s apart',
    '2026-11-21 12:44:53.123Z  192.0.2.7        refused: the same packet came before',
  ]);
});

it('a line of the kernel that quotes the name of a process is no knock', () => {
  const at = { __REALTIME_TIMESTAMP: '1', __CURSOR: 's=1', _TRANSPORT: 'kernel' };
  const named = (MESSAGE: string) => eventOf({ ...at, MESSAGE }, lengths)?.from;
  expect(named('opened SRC=::1 [321]: segfault at 0 ip 0 sp 0 error 4')).toBeUndefined();
  expect(named('postern-door opened, 30 s IN=eth0 SRC=192.0.2.7 DPT=22')).toBe('192.0.2.7');
  expect(named('postern-knock: stage 1 of 6 for 192.0.2.7')).toBe('192.0.2.7');
});
