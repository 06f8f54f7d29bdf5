import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../posture/knock/sequence.ts';
import type { TcpState } from '../../remote/probe.ts';
import type { Vantage } from '../../remote/vantage.ts';
import { parseFacts } from '../../transaction/facts/facts.ts';
import { hearsV6, type Ipv6, ipv6Of } from '../../transaction/ipv6.ts';
import type { InitialAccess, Job, Previous } from '../../transaction/job.ts';
import { postureWith, type Raw, SEQUENCES } from '../posture/fixture.ts';

const V6 = '2001:db8::7';
const ADDRESSES = `address=203.0.113.7\naddress=${V6}\naddress=2001:db8::8\n`;
const FACTS = parseFacts(`os=debian\nversion=12\nconnection=198.51.100.1 1 203.0.113.7 22\n${ADDRESSES}`);
const SILENT: TcpState = 'silent';

/** How IPv6 is between deployer and host. */
interface Given {
  readonly first?: Partial<InitialAccess>;
  readonly sections?: Raw;
  /** Of which host the state says what was proven; `undefined`: a first change, or one whose state is gone. */
  readonly verifiedV6?: boolean;
  readonly route?: boolean;
  /** Ports that answer over IPv6 without a knock. */
  readonly open?: readonly number[];
  /** What the session came in by. */
  readonly knocked?: Sequence;
  /** The door opens for a knock over IPv6. */
  readonly opens?: boolean;
  readonly facts?: typeof FACTS;
}

async function decided(given: Given): Promise<Ipv6 & { knocks: number }> {
  const posture = postureWith(given.sections ?? {});
  const target = { address: '203.0.113.7', port: 22, user: 'root', hostKeys: [], ...given.first };
  const previous: Previous | undefined =
    given.verifiedV6 === undefined
      ? undefined
      : { posture, sequences: SEQUENCES, hostKeys: [], verifiedV6: given.verifiedV6 };
  const job: Job = { initialAccess: target, posture, sequences: SEQUENCES, identity: undefined, previous };
  let knocks = 0;
  const vantage: Vantage = {
    name: 'this machine',
    problem: async () => undefined,
    resolve: async (host) => host,
    knock: async () => {
      knocks += 1;
    },
    probeTcp: async (_address, port) => {
      const isOpen = given.open?.includes(port) === true || (knocks > 0 && given.opens === true);
      return { state: isOpen ? 'open' : SILENT, rttMilliseconds: 1 };
    },
    ping: async () => 'unknown',
    localAddressFor: async () => (given.route === false ? undefined : '2001:db8::1'),
    close: async () => {},
  };
  const route = { open: given.knocked, target: { ...target, identity: undefined, sudo: false } };
  return { ...(await ipv6Of(job, given.facts ?? FACTS, vantage, route)), knocks };
}

const known = { addressV6: V6 };

describe('a change is verified over IPv6', () => {
  it.each<[string, Given]>([
    ['of a host that answers there', { open: [22] }],
    [
      'of a host of which a port that everybody may reach answers',
      { open: [9100], sections: { firewall: { rules: [{ port: 9100, purpose: 'metrics' }] } } },
    ],
    ['of a host that was, whatever answers now', { verifiedV6: true }],
    ['where it is required, whatever answers now', { sections: { verify: { ipv6: 'require' } } }],
  ])('%s', async (_name, given) => {
    expect(await decided({ first: known, ...given })).toMatchObject({
      verified: true,
      gap: undefined,
      knocks: 0,
    });
  });

  it.each([
    ['that no state knows: the first change was cut off, or it is adopted', undefined],
    ['that was sealed from where IPv6 did not reach it', false],
  ])('of a sealed host %s, when its door opens for a knock that way', async (_name, verifiedV6) => {
    const sealed = {
      first: known,
      knocked: SEQUENCES.open,
      ...(verifiedV6 === undefined ? {} : { verifiedV6 }),
    };
    expect(await decided({ ...sealed, opens: true })).toMatchObject({ verified: true, gap: undefined });
  });
});

describe('what is not verified over IPv6 is said', () => {
  it('where no route leads to it, and louder where it was verified before', async () => {
    const there = { first: known, route: false };
    expect((await decided(there)).gap).toContain(
      `IPv6 is not verified: no route leads from this machine to ${V6}`,
    );
    expect((await decided({ ...there, verifiedV6: true })).gap).toContain(
      'IPv6 is not verified, though it was when the host was last sealed: no route',
    );
  });

  // As long as three knocks are waited for that open nothing.
  it('where nothing of it answers, and no knock opens its door', { timeout: 60_000 }, async () => {
    const { verified, gap } = await decided({ first: known, knocked: SEQUENCES.open });
    expect(verified).toBe(false);
    expect(gap).toContain(
      `IPv6 is not verified: ${V6} answers at no port that is open over IPv4, nor to a knock`,
    );
  });

  it('where the configuration skips it', async () => {
    const skip = { sections: { verify: { ipv6: 'skip' } } };
    expect((await decided({ ...skip, first: known })).gap).toContain(`IPv6 (${V6}) is not verified, because`);
    expect((await decided(skip)).gap).toContain(`IPv6 (${V6} and 1 more) is not verified, because`);
  });

  it('where the configuration does not know the address', async () => {
    expect((await decided({})).gap).toMatch(
      /2001:db8::7 and 1 more.*addressV6: 2001:db8::7, or verify\.ipv6: skip$/,
    );
  });

  it('not of a host that has none, or has nothing else', async () => {
    const facts = parseFacts('address=203.0.113.7\n');
    expect((await decided({ facts })).gap).toBeUndefined();
    expect((await decided({ facts, sections: { verify: { ipv6: 'skip' } } })).gap).toBeUndefined();
    expect((await decided({ first: { address: V6 } })).gap).toBeUndefined();
  });
});

it('a knock over IPv6 is heard by all but fwknop, and knockd of Debian 11', () => {
  const hears = (engine: string, version: string) =>
    hearsV6({ os: 'debian', version }, postureWith({ knock: { engine } }));
  expect(['11', '12'].map((version) => hears('knockd', version))).toEqual([false, true]);
  expect(['11', '12'].map((version) => hears('kernel', version))).toEqual([true, true]);
  expect(['11', '12', '13'].map((version) => hears('fwknop', version))).toEqual([false, false, false]);
});
