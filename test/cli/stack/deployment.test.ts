import { expect, it } from 'vitest';
import { outputsOf } from '../../../cli/stack/deployment.ts';

const secret = (value: unknown) => ({
  '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
  plaintext: JSON.stringify(value),
});
/** One finding, as states have it that keep evidence as one text. */
const SEEN = {
  check: 'icmp echo',
  family: 'ipv4',
  expected: 'silent',
  seen: 'silent',
  at: '2026-01-01T00:00:00Z',
};
const sequence = (port: number) => [{ port, protocol: 'tcp' }];

/** A state whose outputs are older than its resources: host a was changed since then, and host b removed. */
const exported = {
  deployment: {
    resources: [
      {
        type: 'pulumi:pulumi:Stack',
        outputs: {
          hosts: [
            { name: 'a', sshPort: 22, target: 'lab' },
            { name: 'b', sshPort: 22, target: 'lab' },
          ],
          knock: secret({
            a: { open: sequence(7001), close: null, openSeconds: 30 },
            b: { open: sequence(7002), close: null, openSeconds: 30 },
          }),
        },
      },
      {
        type: 'postern:index:Hardening',
        inputs: {
          way: {
            address: '192.0.2.1',
            jump: { address: '192.0.2.9', port: 22, user: 'hop', hostKeys: ['k'] },
          },
          jumpIdentity: secret({ privateKey: 'KEY' }),
        },
        outputs: {
          posture: {
            host: 'a',
            admin: { user: 'ops', authorizedKeys: ['ssh-ed25519 AAAA'] },
            ssh: { port: 2200 },
            backup: { port: 2222 },
            firewall: { rules: [], icmpEcho: false },
            knock: { door: 'timed', openSeconds: 20 },
          },
          way: { address: '192.0.2.1' },
          sequences: secret({ open: sequence(7777), close: null }),
          sealed: { sealedAt: '2026-01-01T00:00:00Z', hostKeys: ['new'], evidence: JSON.stringify([SEEN]) },
        },
      },
    ],
  },
};

it('takes each host as its own resource remembers it, where the stack outputs are older', () => {
  const { hosts, knock } = outputsOf(exported) as { hosts: unknown[]; knock: unknown };
  expect(hosts).toMatchObject([
    {
      name: 'a',
      target: 'lab',
      sshPort: 2200,
      adminKeys: ['ssh-ed25519 AAAA'],
      hostKeys: ['new'],
      addressV6: null,
      evidence: [SEEN],
    },
  ]);
  expect(knock).toEqual({ a: { open: sequence(7777), close: null, openSeconds: 20 } });
});

it('knows no host that the outputs still name and no resource is of: it was removed by itself', () => {
  const { hosts, knock } = outputsOf(exported) as { hosts: { name: string }[]; knock: object };
  expect(hosts.map(({ name }) => name)).toEqual(['a']);
  expect(Object.keys(knock)).toEqual(['a']);
});

it('reads a state whose run went on after a failure: the engine marks the outputs as unknown', () => {
  const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
  const [, hardening] = exported.deployment.resources;
  const stack = { type: 'pulumi:pulumi:Stack', outputs: { hosts: UNKNOWN, knock: secret(UNKNOWN) } };
  const of = (...resources: object[]) => outputsOf({ deployment: { resources: [stack, ...resources] } });
  expect(of(hardening as object)).toMatchObject({
    hosts: [{ name: 'a' }],
    knock: { a: { openSeconds: 20 } },
  });
  expect(of()).toEqual({});
});

it('knows the jump host and its key as the last up was told of them, which may not have changed the host', () => {
  const { hosts } = outputsOf(exported) as { hosts: unknown[] };
  const jump = {
    address: '192.0.2.9',
    port: 22,
    user: 'hop',
    hostKeys: ['k'],
    identity: { privateKey: 'KEY' },
  };
  expect(hosts).toMatchObject([{ name: 'a', jump }]);
});

it('knows a hardened host that the outputs lack, because the first up failed on another', () => {
  const [, hardening] = exported.deployment.resources;
  const urn = 'urn:pulumi:devnet::postern::postern:index:LabVps::a';
  const resources = [{ type: 'pulumi:pulumi:Stack' }, { type: 'postern:index:LabVps', urn }, hardening];
  const { hosts, knock } = outputsOf({ deployment: { resources } }) as { hosts: unknown[]; knock: unknown };
  expect(hosts).toMatchObject([{ name: 'a', target: 'lab', sshPort: 2200 }]);
  expect(knock).toMatchObject({ a: { open: sequence(7777) } });
});

it('knows what was not verified when a host was sealed', () => {
  const [, hardening] = exported.deployment.resources;
  const { outputs } = hardening as { outputs: { sealed: object } };
  const unverifiedOf = (sealed: object) => {
    const made = { ...hardening, outputs: { ...outputs, sealed: { ...outputs.sealed, ...sealed } } };
    return (outputsOf({ deployment: { resources: [made] } })['hosts'] as { unverified: unknown }[])[0]
      ?.unverified;
  };
  expect(unverifiedOf({ verifiedV6: false, unverified: ['IPv6 is not verified'] })).toEqual([
    'IPv6 is not verified',
  ]);
  expect(unverifiedOf({ verifiedV6: true })).toEqual([]);
});

it('reads a stack that was never brought up as one without outputs', () => {
  expect(outputsOf({ version: 3, deployment: {} })).toEqual({});
});

it('knows what the codes of a second factor are made from, as long as the host asks for one', () => {
  const [, hardening] = exported.deployment.resources;
  const withFactor = (secondFactor: string) => {
    const { outputs } = hardening as { outputs: { posture: object } };
    const posture = { ...outputs.posture, ssh: { port: 2200, secondFactor } };
    const made = { ...hardening, outputs: { ...outputs, posture, totp: secret('A'.repeat(32)) } };
    return outputsOf({ deployment: { resources: [made] } });
  };
  expect(withFactor('totp')).toMatchObject({ totp: { a: 'A'.repeat(32) } });
  expect(withFactor('none')).toMatchObject({ totp: {} });
});

const URN = 'urn:pulumi:devnet::postern::postern:index:Hardening::a';
const [, hardened] = exported.deployment.resources;
const interruptedOf = (deployment: object, marks: Parameters<typeof outputsOf>[1]) =>
  (
    outputsOf({ deployment: { resources: [{ ...hardened, urn: URN }], ...deployment } }, marks)['hosts'] as {
      interrupted: unknown;
    }[]
  )[0]?.interrupted;

it('says of a host whose operation was interrupted on this machine that the state may be wrong', () => {
  const mark = {
    ...({ urn: URN, address: '192.0.2.1', operation: 'restore', began: '2026-01-02T03:04:05Z' } as const),
    before: '2026-01-01T00:00:00Z',
  } as const;
  expect(interruptedOf({}, [mark])).toContain(
    'a `destroy` of a, begun on this machine at 2026-01-02 03:04 UTC',
  );
  expect(interruptedOf({}, [{ ...mark, address: '192.0.2.7' }])).toBeNull();
  expect(interruptedOf({}, [])).toBeNull();
});

it('says so too of one that the engine itself has not seen end, on whichever machine', () => {
  const pending = [{ type: 'deleting', resource: { urn: URN } }];
  expect(interruptedOf({ pending_operations: pending }, [])).toContain('interrupted while deleting a');
});
