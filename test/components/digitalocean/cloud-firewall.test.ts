import { describe, expect, it } from 'vitest';
import {
  knockRules,
  MOST_RULES,
  OUTBOUND_RULES,
  openRules,
  withCandidates,
} from '../../../components/digitalocean/cloud-firewall.ts';
import type { Candidate } from '../../../posture/candidates.ts';
import { decoys } from '../../../posture/knock/decoys.ts';
import type { Sequences } from '../../../posture/knock/sequence.ts';
import { resolved, SEQUENCES } from '../program.ts';

const ANYWHERE = ['0.0.0.0/0', '::/0'];

function rules(stack: object, deployerCidrs: string[] = []): string[] {
  const { posture } = resolved({ name: 'node-1' }, stack);
  return openRules(posture, deployerCidrs).map(
    ({ protocol, portRange, sourceAddresses }) =>
      `${protocol} ${portRange ?? '-'} ${sourceAddresses.join(' ')}`,
  );
}

describe('what the cloud passes on to a droplet', () => {
  it('is the service ports, SSH and the backup port, over IPv4 and IPv6', () => {
    expect(rules({})).toEqual([
      'tcp 4002 0.0.0.0/0 ::/0',
      'tcp 4003 0.0.0.0/0 ::/0',
      'tcp 22 0.0.0.0/0 ::/0',
      'tcp 2222 0.0.0.0/0 ::/0',
    ]);
  });

  it('is a service for the networks only that may use it', () => {
    const firewall = { p2p: null, api: { port: 4003, from: ['198.51.100.0/24', '2001:db8:1::/48'] } };
    expect(rules({ firewall })[0]).toBe('tcp 4003 198.51.100.0/24 2001:db8:1::/48');
  });

  it('is a service over UDP as UDP', () => {
    const firewall = {
      p2p: null,
      api: null,
      rules: [{ port: 51_820, protocol: 'udp', purpose: 'wireguard' }],
    };
    expect(rules({ firewall })[0]).toBe('udp 51820 0.0.0.0/0 ::/0');
  });

  it('is ping only where the host is to answer it', () => {
    expect(rules({}).some((rule) => rule.startsWith('icmp'))).toBe(false);
    expect(rules({ firewall: { icmpEcho: true } })).toContain('icmp - 0.0.0.0/0 ::/0');
  });

  it('is port 22 too when SSH is to move: that is where a droplet is born, and goes back to', () => {
    const moved = rules({ ssh: { port: 2200 } });
    expect(moved).toContain('tcp 22 0.0.0.0/0 ::/0');
    expect(moved).toContain('tcp 2200 0.0.0.0/0 ::/0');
  });

  it('is the backup port for deployers only, where they are named', () => {
    expect(rules({ backup: { port: 2345 } }, ['203.0.113.0/24'])).toContain('tcp 2345 203.0.113.0/24');
  });

  it('is each port once, for the sources of all its rules', () => {
    const firewall = {
      p2p: null,
      api: null,
      rules: [{ port: 22, from: ['198.51.100.0/24'], purpose: 'old' }],
    };
    const twentyTwo = rules({ ssh: { port: 2200 }, firewall }).filter((rule) => rule.startsWith('tcp 22 '));
    expect(twentyTwo).toEqual(['tcp 22 198.51.100.0/24 0.0.0.0/0 ::/0']);
  });

  it('is everything on the way out', () => {
    expect(OUTBOUND_RULES.map(({ protocol, portRange }) => `${protocol} ${portRange ?? '-'}`)).toEqual([
      'tcp 1-65535',
      'udp 1-65535',
      'icmp -',
    ]);
    for (const rule of OUTBOUND_RULES) expect(rule.destinationAddresses).toEqual(ANYWHERE);
  });
});

describe('what the cloud passes on so that knocks arrive', () => {
  const passed = (engine: string, sequences: Sequences = SEQUENCES) =>
    knockRules(resolved({ name: 'node-1', knock: { engine } }).posture, sequences);
  const texts = (engine: string) =>
    passed(engine).map(({ protocol, portRange }) => `${protocol} ${portRange}`);

  it('is each knock with its protocol, and neither order nor sequence can be told', () => {
    expect(texts('kernel')).toEqual([
      'tcp 8713',
      'tcp 9941',
      'tcp 11719',
      'tcp 29327',
      'udp 14657',
      'udp 17389',
      'udp 23511',
      'udp 30211',
    ]);
    for (const rule of passed('kernel')) expect(rule.sourceAddresses).toEqual(ANYWHERE);
  });

  it('is also every decoy of knockd, which would end no scan if the cloud dropped it, in no more rules', () => {
    expect(texts('knockd')).toHaveLength(8);
    expect(texts('knockd')).toContain('tcp 8709-8717');
    const ranges = passed('knockd').map(({ protocol, portRange = '' }) => {
      const [first = 0, last = first] = portRange.split('-').map(Number);
      return { protocol, first, last };
    });
    const decoyed = decoys(SEQUENCES, []);
    expect(decoyed.length).toBeGreaterThan(60);
    for (const { port, protocol } of decoyed)
      expect(
        ranges.some((range) => range.protocol === protocol && range.first <= port && port <= range.last),
      ).toBe(true);
  });

  it('is the same for the same ports in another order', () => {
    const mixed = { open: SEQUENCES.open.toReversed(), close: SEQUENCES.close.toReversed() };
    expect(passed('kernel', mixed)).toEqual(passed('kernel'));
  });

  it('is the opening alone where nothing closes', () => {
    expect(passed('knockd', { ...SEQUENCES, close: null })).toHaveLength(4);
  });
});

describe('what the cloud passes on for changes that were cut off', () => {
  const { posture } = resolved({ name: 'node-1' });
  const base = [...openRules(posture, []), ...knockRules(posture, SEQUENCES)];
  const cutOff = (index: number): Candidate => ({
    ...{ id: `c${index}`, port: 22, user: 'ops', close: SEQUENCES.close },
    open: [0, 1, 2, 3].map((knock) => ({ port: 20_000 + 10 * index + knock, protocol: 'tcp' })),
  });
  const ports = (candidates: readonly Candidate[]) =>
    withCandidates(base, candidates).map(({ portRange }) => Number(portRange));

  it('is nothing where there are none, and nothing twice', () => {
    expect(withCandidates(base, [])).toEqual(base);
    expect(withCandidates(base, [{ ...cutOff(0), open: SEQUENCES.open }])).toEqual(base);
  });

  it('is what opens them, on their port, and not what closes them', () => {
    const more = ports([{ ...cutOff(1), port: 2200, close: [{ port: 9999, protocol: 'udp' }] }]);
    expect(more.slice(base.length)).toEqual([2200, 20_010, 20_011, 20_012, 20_013]);
  });

  it('is the newest of them whole, as far as DigitalOcean takes rules: seven with four knocks', () => {
    const many = Array.from({ length: 20 }, (_, index) => cutOff(index));
    const passed = ports(many);
    expect(passed.length + OUTBOUND_RULES.length).toBeLessThanOrEqual(MOST_RULES);
    const whole = many.filter(({ open }) => open.every(({ port }) => passed.includes(port)));
    expect(whole.map(({ id }) => id)).toEqual(many.slice(0, whole.length).map(({ id }) => id));
    expect(whole.length).toBeGreaterThanOrEqual(7);
    expect(passed.filter((port) => port >= 20_000 && port < 20_200)).toHaveLength(4 * whole.length);
  });
});
