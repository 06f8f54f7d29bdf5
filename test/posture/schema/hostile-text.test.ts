import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { Posture } from '../../../posture/schema/posture.ts';
import { Stack } from '../../../posture/schema/stack.ts';
import { type Field, fieldsOf, takesText } from '../../../tools/docs/fields.ts';
import { KEY } from '../fixture.ts';

/** What means something to a shell, to ssh, to a unit or to a configuration file, and the tricks of Unicode. */
const HOSTILE: readonly string[] = [
  ...['\n', '\r', '\0', '\t', '\x1b', '\x7f', '\x85', ' ', ';', '|', '&', '$', '`', "'", '"', '\\', '%'],
  ...['<', '>', '(', ')', '{', '}', '*', '?', '!', '#', 'é', '\u202e', '\u200b', '\u2028', '\ufeff', '𝓪'],
];

/** Texts that hold anything on purpose, by the last part of their path. */
const FREE: Readonly<Record<string, string>> = {
  'tasks[].run': 'a shell command',
  'tasks[].update': 'a shell command',
  'tasks[].delete': 'a shell command',
  'tasks[].stdin': 'data, which reaches no shell',
  'tasks[].triggers': 'compared by the engine, sent nowhere',
  'identity.privateKey': 'goes into an agent, on standard input',
};

/** An accepted value of every other text, and what it takes besides letters, digits and its own punctuation. */
const TEXTS: Readonly<Record<string, { sample: unknown; takes?: readonly string[] }>> = {
  'hosts[].name': { sample: 'node-1' },
  'hosts[].acceptHostKeys': { sample: [KEY], takes: [' '] },
  'target.address': { sample: 'node-1.example.org' },
  'target.addressV6': { sample: '2001:db8::1' },
  'target.user': { sample: 'root' },
  'target.hostKeys': { sample: [KEY], takes: [' '] },
  'jump.address': { sample: '203.0.113.7' },
  'jump.user': { sample: 'jump_user' },
  'jump.hostKeys': { sample: [KEY], takes: [' '] },
  'target.region': { sample: 'fra1' },
  'target.size': { sample: 'so1_5-2vcpu-16gb' },
  'target.image': { sample: 'debian-12-x64' },
  'target.deployerCidrs': { sample: ['203.0.113.0/24'] },
  'admin.user': { sample: 'ops' },
  'admin.authorizedKeys': { sample: [KEY], takes: [' '] },
  'admin.authorizedKeyFiles': { sample: ['~/.ssh/id_ed25519.pub'], takes: [' ', 'é', '𝓪'] },
  'ssh.trustedUserCAKeys': { sample: '/etc/ssh/user_ca.pub', takes: ['%'] },
  'ssh.authorizedPrincipalsFile': { sample: '/etc/ssh/principals/%u', takes: ['%'] },
  'ssh.authorizedPrincipalsCommand': { sample: '/usr/local/bin/principals %u', takes: ['%', ' '] },
  'ssh.authorizedPrincipalsCommandUser': { sample: 'nobody' },
  'ssh.authorizedKeysCommand': { sample: '/usr/local/bin/keys %u', takes: ['%', ' '] },
  'ssh.authorizedKeysCommandUser': { sample: 'nobody' },
  'firewall.p2p.from': { sample: ['2001:db8::/32'] },
  'firewall.api.from': { sample: ['203.0.113.7'] },
  'firewall.rules[].from': { sample: ['203.0.113.0/24'] },
  'firewall.rules[].purpose': { sample: 'metrics', takes: [' '] },
  'knock.interface': { sample: 'eth0' },
  'sequence.open': { sample: '17123:tcp,9321:udp,28456:tcp' },
  'sequence.close': { sample: '17123:tcp,9321:udp,28456:tcp' },
  'identity.file': { sample: 'keys/id_ed25519', takes: [' ', 'é', '𝓪'] },
  'tasks[].name': { sample: 'install-node' },
  'tasks[].copy': { sample: 'files/motd', takes: [' ', 'é', '𝓪'] },
  'tasks[].to': { sample: '/etc/motd' },
  host: { sample: 'node-1' },
};

function entryOf<T>(entries: Readonly<Record<string, T>>, path: string): T | undefined {
  return Object.entries(entries)
    .filter(([key]) => path === key || path.endsWith(`.${key}`))
    .sort(([left], [right]) => right.length - left.length)[0]?.[1];
}

/** The sample with `character` before, in and behind its text. */
function spoiled(sample: unknown, character: string): unknown[] {
  if (Array.isArray(sample)) return spoiled(sample[0], character).map((text) => [text]);
  const text = String(sample);
  const middle = Math.floor(text.length / 2);
  return [character + text, text.slice(0, middle) + character + text.slice(middle), text + character];
}

function accepts({ schema }: { schema: z.ZodType }, value: unknown): boolean {
  return schema.safeParse(value).success;
}

const texts = [...fieldsOf(Stack), ...fieldsOf(Posture)].filter(takesText);
const checked = texts.filter(({ path }) => entryOf(FREE, path) === undefined);

describe('text that reaches a shell or a configuration file', () => {
  it('is known to this test, key by key', () => {
    expect(texts.length).toBeGreaterThan(40);
    const unknown = checked.map(({ path }) => path).filter((path) => entryOf(TEXTS, path) === undefined);
    expect(unknown).toEqual([]);
  });

  it.each(checked.map((field): [string, Field] => [field.path, field]))(
    'is an allow-list: %s',
    (path, field) => {
      const { sample, takes = [] } = entryOf(TEXTS, path) ?? { sample: undefined };
      expect(accepts(field, sample)).toBe(true);
      for (const character of HOSTILE.filter((hostile) => !takes.includes(hostile))) {
        const accepted = spoiled(sample, character).filter((value) => accepts(field, value));
        expect(accepted, JSON.stringify(character)).toEqual([]);
      }
    },
  );

  it.each(checked.map((field): [string, Field] => [field.path, field]))(
    'never begins like an option: %s',
    (path, field) => {
      const sample = entryOf(TEXTS, path)?.sample;
      const text = String(Array.isArray(sample) ? sample[0] : sample);
      for (const dashed of [`-${text}`, `--${text}`, '-', '-oProxyCommand=id']) {
        expect(accepts(field, Array.isArray(sample) ? [dashed] : dashed), dashed).toBe(false);
      }
    },
  );

  it.each(checked.map((field): [string, Field] => [field.path, field]))('is not empty: %s', (path, field) => {
    const sample = entryOf(TEXTS, path)?.sample;
    expect(accepts(field, Array.isArray(sample) ? [''] : '')).toBe(false);
  });

  it.each(Object.entries(FREE))('takes anything where it has to: %s', (key) => {
    const field = texts.find(({ path }) => path.endsWith(key));
    expect(field).toBeDefined();
    const value = 'printf \'%s\\n\' "$HOME"; true\n';
    expect(field && accepts(field, key.endsWith('triggers') ? [value] : value)).toBe(true);
  });
});
