import { describe, expect, it } from 'vitest';
import { fact, KEY, problems, problemsOfRaw, type Raw, read, seeded, stackWith } from '../fixture.ts';

const EXISTING = { type: 'existing', address: '203.0.113.7', hostKeys: [KEY] };

/** Cases as data: laid over the smallest accepted configuration, each has exactly this problem. */
const refusals = JSON.parse(fact('refusals.json')) as {
  readonly name: string;
  readonly config: Raw;
  readonly property: string;
  /** A regular expression. */
  readonly reason: string;
}[];

function hosts(host: Raw): Raw {
  return { hosts: [{ name: 'node-1', ...host }] };
}

function sequence(open: unknown, close?: unknown): Raw {
  return { knock: { sequence: { open, ...(close === undefined ? {} : { close }) } } };
}

describe('a stack’s configuration', () => {
  it('needs no more than hosts and a key', () => {
    expect(problems()).toEqual([]);
    expect(read().hosts).toHaveLength(1);
    expect(read().warnings).toEqual([]);
  });

  it.each(refusals)(
    'is refused, at its path and with what would be accepted: $name',
    ({ config, property, reason }) => {
      expect(problems(config)).toEqual([{ property, reason: expect.stringMatching(new RegExp(reason)) }]);
    },
  );

  it.each<[string, Raw]>([
    ['a user’s own sequence from 1024 up', sequence('1024:tcp,65535:udp,2000:tcp,1500:udp')],
    [
      'secrets as Pulumi hands them out, as text',
      sequence([{ port: '17123', protocol: 'tcp' }, { port: '9321' }, { port: '28456', protocol: 'udp' }]),
    ],
    [
      'a monotonic sequence on request',
      { knock: { acceptWeak: true, sequence: { open: '7100:tcp,8100:udp,9100:tcp' } } },
    ],
    ['a closed api', { firewall: { api: null } }],
    ['a closed p2p port', { firewall: { p2p: null } }],
    [
      'the same port for TCP and UDP',
      { firewall: { rules: [{ port: 4003, protocol: 'udp', purpose: 'quic' }] } },
    ],
    ['an IPv6 address of an existing host', hosts({ target: { ...EXISTING, address: '2001:db8::7' } })],
    ['a name of one label', hosts({ target: { ...EXISTING, address: 'node7' } })],
    [
      'a droplet size with an underscore',
      hosts({ target: { type: 'digitalocean', region: 'fra1', size: 'so1_5-2vcpu-16gb' } }),
    ],
    ['a path with spaces and umlauts', { identity: { file: '~/Schlüssel/mein key' } }],
  ])('is accepted: %s', (_name, raw) => {
    expect(problems(raw)).toEqual([]);
  });

  it('is refused with all problems at once', () => {
    const raw = {
      ...stackWith({ ssh: { port: 0 }, colour: 'red', firewall: { rules: [{ port: 1 }] } }),
      hosts: [{ name: 'UPPER' }, { name: 'b', knock: { openSeconds: 1 } }],
    };
    expect(
      problemsOfRaw(raw)
        .map(({ property }) => property)
        .sort(),
    ).toEqual([
      'colour',
      'firewall.rules[0].purpose',
      'hosts[0].name',
      'hosts[1].knock.openSeconds',
      'ssh.port',
    ]);
  });

  it.each([undefined, null, 5, 'x', []])('is a group of keys, not %j', (raw) => {
    expect(problemsOfRaw(raw)).toEqual([{ property: '(root)', reason: expect.any(String) }]);
  });

  it('keeps every port of a refused sequence to itself', () => {
    const random = seeded(3);
    // Bounds and served ports that the texts name.
    const spoken = new Set(['1024', '65535', '2222', '4002', '4003']);
    for (let round = 0; round < 400; round++) {
      const ports = Array.from({ length: 1 + random(5) }, () => String(100 + random(80_000)));
      const shapes: unknown[] = [
        ports.join(','),
        ports.join(':udp,'),
        ports.map((port) => ({ port: Number(port) })),
        ports.map((port) => ({ port, protocol: port })),
        Object.fromEntries(ports.map((port) => [port, 'tcp'])),
        Number(ports[0]),
      ];
      const open = shapes[random(shapes.length)];
      const raws = [sequence(open, shapes[random(shapes.length)]), { knock: { sequence: open } }];
      for (const { property, reason } of raws.flatMap((raw) => problems(raw))) {
        for (const port of ports.filter((port) => !spoken.has(port))) {
          expect(`${property}: ${reason}`).not.toMatch(new RegExp(`(?<!\\d)${port}(?!\\d)`));
        }
      }
    }
  });
});
