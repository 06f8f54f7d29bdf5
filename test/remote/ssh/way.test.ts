import { describe, expect, it } from 'vitest';
import { checkWay, type Way } from '../../../remote/ssh/way.ts';
import { makeKeyPair } from './keys.ts';

const way: Way = {
  address: '192.0.2.7',
  port: 22,
  user: 'root',
  hostKeys: [makeKeyPair().publicKey],
  sudo: false,
};

describe('checkWay', () => {
  it.each(['192.0.2.7', '2001:db8::7', 'host.example.org', 'localhost', 'a_b.example.'])(
    'accepts %s',
    (address) => {
      expect(() => checkWay({ ...way, address })).not.toThrow();
    },
  );

  it.each([
    '',
    '-oProxyCommand=id',
    'a b',
    'a\nb',
    'host;id',
    '$(id)',
    '`id`',
    'a/b',
    'user@host',
    '[::1]',
    'fe80::1%eth0',
    'a..b',
    '%h',
    'ho\u001b[31mst',
    'x'.repeat(300),
  ])('refuses the address %j', (address) => {
    expect(() => checkWay({ ...way, address })).toThrow(/address/);
  });

  it.each([0, -1, 65_536, 22.5, Number.NaN])('refuses the port %d', (port) => {
    expect(() => checkWay({ ...way, port })).toThrow(/port/);
  });

  it.each(['', '-l', 'a b', 'root\n', '$(id)', 'a;b', 'x'.repeat(70)])('refuses the user %j', (user) => {
    expect(() => checkWay({ ...way, user })).toThrow(/user/);
  });

  it('refuses a way without a pinned host key', () => {
    expect(() => checkWay({ ...way, hostKeys: [] })).toThrow(/at least one host key/);
  });

  it('wants the jump host pinned as well', () => {
    expect(() => checkWay({ ...way, jump: { ...way, hostKeys: [] } })).toThrow(/jump\.hostKeys/);
  });

  it.each(['', '-i', 'a\nb', `a"b`, '$' + '{HOME}/key'])('refuses the identity file %j', (file) => {
    expect(() => checkWay({ ...way, identity: { file } })).toThrow(/identity\.file/);
  });

  it('names every problem at once and no value', () => {
    const broken = { ...way, address: 'se cret', port: 0, user: 'se cret' };
    expect(() => checkWay(broken)).toThrow(/address.*port.*user/);
    expect(() => checkWay(broken)).not.toThrow(/se cret/);
  });
});
