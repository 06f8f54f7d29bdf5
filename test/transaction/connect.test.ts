import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../posture/candidates.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import { logIn, loginRoutes, provenRoutes } from '../../transaction/connect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { postureWith, SEQUENCES, tcp } from '../posture/fixture.ts';
import { eavesdrop } from '../remote/ssh/first-exchange.ts';
import { makeKeyPair } from '../remote/ssh/keys.ts';

const posture = postureWith({});
const packet: Sequence = [{ port: 20001, protocol: 'udp', spa: { key: 'a', hmacKey: 'b' } }];
const first = { address: '192.0.2.7', port: 22, user: 'root', hostKeys: [] };
const sealed: Previous = {
  ...{ posture, sequences: SEQUENCES, hostKeys: ['ssh-ed25519 proven'], verifiedV6: false },
  identity: { file: '/proven' },
};
const job: Job = {
  ...{ posture, sequences: { open: tcp(7001, 7002, 7003), close: null }, initialAccess: first },
  ...{ identity: { file: '/wanted' }, previous: sealed },
};

/** Whether the ways in say that nothing secret goes over them. */
function shortLived(secrets: Partial<Job>): boolean[] {
  return loginRoutes({ ...job, ...secrets }).map((route) => route.shortLived);
}

function candidate(more: Partial<Candidate>): Candidate {
  return { id: 'a1', port: 2200, user: 'ops', ...SEQUENCES, identity: { file: '/wanted' }, ...more };
}

describe('a way in', () => {
  it('is short-lived where nothing goes over it but ports that are knocked at', () => {
    expect(shortLived({})).toEqual([true, true, true]);
  });

  it('is not where a key goes over it, of the second factor, of single packets or of the host', () => {
    const newHostKeys = { publicKeys: [], ed25519: 'private', rsa: 'private' };
    expect(shortLived({ totp: 'JBSWY3DPEHPK3PXP' })).toEqual([false, false, false]);
    expect(shortLived({ sequences: { open: packet, close: null } })).toEqual([false, false, false]);
    expect(shortLived({ sequences: { open: SEQUENCES.open, close: packet } })).toEqual([false, false, false]);
    expect(shortLived({ newHostKeys })).toEqual([false, false, false]);
  });
});

describe('a login', () => {
  it.each([
    [true, /^curve25519-sha256$/],
    [false, /^(sntrup761|mlkem768)/],
  ])(
    'spares itself the post-quantum key exchange only if its route is short-lived: %s',
    async (lived, first) => {
      const server = await eavesdrop();
      const { publicKey, privateKey } = makeKeyPair();
      const target = {
        ...{ address: '127.0.0.1', port: server.port, user: 'root', sudo: false },
        ...{ hostKeys: [publicKey], identity: { privateKey } },
      };
      try {
        await expect(
          logIn([{ name: 'x', target, shortLived: lived }], localVantage(), () => {}),
        ).rejects.toThrow('no login route works');
        expect(server.firstExchange()).toMatch(first);
      } finally {
        server.close();
      }
    },
  );
});

describe('without an identity, the ways in', () => {
  it('name the administrator’s keys, which an agent of many has to offer first', () => {
    const { authorizedKeys } = posture.admin;
    expect(authorizedKeys.length).toBeGreaterThan(0);
    const ways = loginRoutes({ ...job, candidates: [candidate({ port: 2300 })] });
    expect(ways.map(({ target }) => target.knownKeys)).toEqual(ways.map(() => authorizedKeys));
  });
});

describe('the ways in that are tried', () => {
  const late = [
    candidate({ port: 2300, user: 'keeper', totp: 'JBSWY3DPEHPK3PXP', hostKeys: ['ssh-ed25519 late'] }),
    candidate({ open: packet, close: null }),
  ];
  const told = (ways: ReturnType<typeof loginRoutes>) =>
    ways.map(({ target, open }) => [target.user, target.port, target.totp, open]);
  const proven = ['ops', 22, undefined, SEQUENCES.open];
  const wanted = ['ops', 22, undefined, job.sequences.open];
  const unfinished = [
    ['keeper', 2300, 'JBSWY3DPEHPK3PXP', SEQUENCES.open],
    ['ops', 2200, undefined, packet],
  ];
  const birth = ['root', 22, undefined, undefined];

  it('are the proven one, the wanted one, those of unfinished changes, the first one', () => {
    expect(told(loginRoutes({ ...job, candidates: late }))).toEqual([proven, wanted, ...unfinished, birth]);
    const fresh = { ...job, previous: undefined, candidates: late };
    expect(told(loginRoutes(fresh))).toEqual([birth, wanted, ...unfinished]);
  });

  it('are without the wanted one where nothing is wanted', () => {
    expect(told(provenRoutes({ ...job, candidates: late }))).toEqual([proven, ...unfinished, birth]);
  });

  it('pin every host key that may be in force, whichever way it is', () => {
    const doors = loginRoutes({ ...job, candidates: late }).filter(({ open }) => open !== undefined);
    for (const { target } of doors)
      expect(target.hostKeys).toEqual(['ssh-ed25519 proven', 'ssh-ed25519 late']);
  });

  it('are not tried twice', () => {
    const known = [
      candidate({ port: 22, open: job.sequences.open }),
      ...late,
      candidate({ port: 22, open: SEQUENCES.open, identity: { file: '/wanted' } }),
    ];
    expect(told(loginRoutes({ ...job, candidates: known }))).toEqual([proven, wanted, ...unfinished, birth]);
  });

  it('are tried with the key of now, then with the one of then', () => {
    const known = [candidate({ identity: { file: '/attempt' } }), candidate({ port: 2300 })];
    const keys = loginRoutes({ ...job, candidates: known }).map(({ target, otherIdentities = [] }) =>
      [target.identity, ...otherIdentities].map((each) => (each as { file: string }).file),
    );
    expect(keys).toEqual([
      ['/wanted', '/proven'],
      ['/wanted'],
      ['/wanted', '/attempt'],
      ['/wanted'],
      ['/wanted'],
    ]);
  });
});
