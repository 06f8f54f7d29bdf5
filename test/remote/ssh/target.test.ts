import { describe, expect, it } from 'vitest';
import { checkTarget, type SshTarget } from '../../../remote/ssh/target.ts';
import { makeKeyPair } from './keys.ts';

const target: SshTarget = {
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
      expect(() => checkTarget({ ...target, address })).not.toThrow();
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
    expect(() => checkTarget({ ...target, address })).toThrow(/address/);
  });

  it.each([0, -1, 65_536, 22.5, Number.NaN])('refuses the port %d', (port) => {
    expect(() => checkTarget({ ...target, port })).toThrow(/port/);
  });

  it.each(['', '-l', 'a b', 'root\n', '$(id)', 'a;b', 'x'.repeat(70)])('refuses the user %j', (user) => {
    expect(() => checkTarget({ ...target, user })).toThrow(/user/);
  });

  it('refuses a way without a pinned host key', () => {
    expect(() => checkTarget({ ...target, hostKeys: [] })).toThrow(/at least one host key/);
  });

  it('wants the jump host pinned as well', () => {
    expect(() => checkTarget({ ...target, jump: { ...target, hostKeys: [] } })).toThrow(/jump\.hostKeys/);
  });

  it.each(['', '-i', 'a\nb', `a"b`, '$' + '{HOME}/key'])('refuses the identity file %j', (file) => {
    expect(() => checkTarget({ ...target, identity: { file } })).toThrow(/identity\.file/);
  });

  it('names every problem at once and no value', () => {
    const broken = { ...target, address: 'se cret', port: 0, user: 'se cret' };
    expect(() => checkTarget(broken)).toThrow(/address.*port.*user/);
    expect(() => checkTarget(broken)).not.toThrow(/se cret/);
  });
});
