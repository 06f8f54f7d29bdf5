import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overriddenSettings } from '../../posture/sshd/effective.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import { arm, readFacts, readSealedBy, step } from '../../transaction/agent.ts';
import type { Backup } from '../../transaction/backup.ts';
import { parseCandidate } from '../../transaction/candidate.ts';
import { Commit } from '../../transaction/commit.ts';
import { otherChange } from '../../transaction/drift/drift.ts';
import { differences } from '../../transaction/drift/inspect.ts';
import { refuseUnknownChange } from '../../transaction/drift/unknown-change.ts';
import { listed, StepError, TransactionError } from '../../transaction/error.ts';
import type { Facts } from '../../transaction/facts/facts.ts';
import type { Plan } from '../../transaction/plan.ts';
import { accountWarnings } from '../../transaction/preflight/account-problems.ts';
import { firewallProblems } from '../../transaction/preflight/firewall-problems.ts';
import { natRedirectProblems, unknownNatRedirects } from '../../transaction/preflight/nat-redirects.ts';
import { nftablesServiceProblems } from '../../transaction/preflight/nftables-service.ts';
import { ownerWarnings } from '../../transaction/preflight/owner-warnings.ts';
import { preflight } from '../../transaction/preflight/preflight.ts';
import { sshdProblems } from '../../transaction/preflight/sshd-problems.ts';
import { rollBack } from '../../transaction/rollback.ts';
import { EvidenceLog } from '../../transaction/verify/evidence.ts';
import { foreignRulePorts } from '../../transaction/verify/foreign-rule-ports.ts';
import { DEBIAN_12, postureWith, SEQUENCES } from '../posture/fixture.ts';
import { countWork } from '../work.ts';
import { type Answer, hostSaying } from './scripted-host.ts';

// A host that means harm to whoever deploys to it: what it says is never unfiltered, never endless, and soon dealt with.
const controls = /(?!\n|\t)[\p{Cc}\p{Cf}\u2028\u2029]/u;
const postures = [
  ...(['ufw', 'nftables', 'iptables', 'firewalld'] as const).map((backend) => ({
    backend,
    foreignRules: 'keep',
  })),
  { backend: 'ufw', foreignRules: 'refuse' },
].map((firewall) => postureWith({ firewall }));

/** Whatever is concluded from facts before anything is written. */
function concluded(facts: Facts): string[] {
  const known = { ...facts, known: DEBIAN_12 };
  return postures.flatMap((posture) => {
    const kept = [...(facts.raw.get('filter_rule') ?? []), ...(facts.raw.get('ufw_rule') ?? [])];
    foreignRulePorts({ posture, foreignRules: kept, source: '192.0.2.7' });
    const all = [
      preflight(known, posture),
      sshdProblems(known, posture),
      firewallProblems(known, posture),
      nftablesServiceProblems(known, posture),
      natRedirectProblems(known, posture),
      unknownNatRedirects(known, posture),
      accountWarnings(known, posture, 'root'),
      ownerWarnings(known, posture, 'root'),
    ];
    return all.flatMap(listed);
  });
}

const keys = [
  ...[
    'filter_rule',
    'nat_rule',
    'nat6_rule',
    'ufw_rule',
    'zone_entry',
    'zone_own',
    'nft_table',
    'nft_opens',
    'listening',
    'blocks',
    'policy',
    'login_key',
    'knock_config',
    'sshd_line',
    'sshd_port',
  ],
  ...[
    'pam',
    'pam_time',
    'pam_access',
    'aging',
    'today',
    'account',
    'knows_kex',
    'nftables_own',
    'nftables_exec',
    'address',
  ],
  ...[
    'unit_ufw.service',
    'connection',
    'record_id',
    'boot',
    'link',
    'os',
    'version',
    'ufw',
    'sshd_holder',
    'failures',
  ],
];
const words = [
  ...[
    '-A INPUT',
    '-p tcp',
    '--dport',
    '--dports 1:65535,1:99999999999',
    '-j ACCEPT',
    '-j DNAT',
    '-s 1.2.3.4/999',
    '!',
  ],
  ...[
    'allow',
    'from',
    'to any port',
    "comment 'x",
    'Match User a',
    'Port',
    '999999999999999999',
    '-1',
    'root:0:0:99999',
  ],
  ...[
    '\u001b]0;owned\u0007',
    '\u001b[2J',
    '\r',
    '\u202e',
    '\0',
    '=',
    ':',
    ';',
    '"',
    "'",
    '/etc/ssh/sshd_config:1:',
    'debian',
    '12',
  ],
];
const value = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 30 })), { maxLength: 12 })
  .map((parts) => parts.join(' '));
const said = fc
  .array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 60 })
  .map((lines) => lines.map(([key, text]) => `${key}=${text}\n`).join(''));

async function messageOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : 'no Error'),
  );
}

function expectFit(text: string, most: number): void {
  expect(text).not.toMatch(controls);
  expect(text.length).toBeLessThanOrEqual(most);
}

describe('a hostile host', () => {
  it('is only ever quoted in plain and short sentences, whatever its facts are', async () => {
    await fc.assert(
      fc.asyncProperty(said, async (stdout) => {
        const sentences = concluded(await readFacts(hostSaying({ stdout })));
        for (const sentence of sentences) expectFit(sentence, 1300);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('is quoted in errors in the same way', async () => {
    const text = fc.array(
      fc.oneof(fc.constantFrom(...words, 'x'.repeat(20_000)), fc.string({ unit: 'binary' })),
    );
    const answer = fc.record({ stdout: text, stderr: text, status: fc.constantFrom(0, 1, 75, 137, 255) });
    await fc.assert(
      fc.asyncProperty(answer, async ({ stdout, stderr, status }) => {
        const session = hostSaying({ stdout: stdout.join(''), stderr: stderr.join('\n'), status });
        expectFit(await messageOf(() => arm(session, Buffer.from('bundle'))), 8000);
        const stepped = await messageOf(() => step(session, 'switch', 'id'));
        expectFit(new TransactionError(stepped, stepped, stepped).message, 13_000);
        expectFit(new StepError('look', stderr.join('\n')).message, 7000);
        for (const line of differences(stdout.join('\n'))) expectFit(line, 500);
        const log = new EvidenceLog(4);
        log.record('login', 'uid 0', `uid ${stdout.join('')}`, true);
        for (const { seen } of log.evidence) expectFit(seen, 500);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('is quoted in the same way in what it says of its changes: the commit, the seal, the rollback', async () => {
    const keys = ['id', 'holder', 'sealed_at', 'committed_at', 'errors', 'reason', 'waits', 'phase'];
    const line = fc.tuple(
      fc.constantFrom('', 'record_', 'sealed_', 'held_'),
      fc.constantFrom(...keys),
      value,
    );
    const lines = fc
      .array(line, { maxLength: 20 })
      .map((all) => all.map((parts) => parts.join('=')).join('\n'));
    const decided = 'record_id=one\nrecord_phase=undone\nboot=x\n';
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom(0, 1, 77, 255), async (text, status) => {
        const committing = hostSaying({ stdout: text, stderr: text, status });
        const commit = new Commit();
        expectFit(await messageOf(() => commit.send(committing, 'one')), 8000);
        expect(commit.state).not.toBe(status === 0 ? 'unsent' : 'acknowledged');

        const posture = postureWith({});
        const seen = { sequences: SEQUENCES, hostKeys: [], verifiedV6: false };
        const previous = { posture, ...seen, change: 'c0', sealedAt: '2026-11-01T10:00:00Z' };
        const first = { address: '192.0.2.1', port: 22, user: 'root', hostKeys: [] };
        const job = { posture, sequences: SEQUENCES, initialAccess: first, identity: undefined, previous };
        const found = await readSealedBy(hostSaying({ stdout: `record_id=x\nsealed_id=x\n${text}` }));
        expectFit(await messageOf(async () => refuseUnknownChange({ ...found, id: 'c1' }, job)), 2000);
        for (const told of otherChange('2026-11-01T10:00:00Z', found)) expectFit(told, 300);

        const session = hostSaying({ stdout: `${decided}${text}` });
        const target = { ...first, sudo: false };
        const { error } = await rollBack(
          new Error(text),
          {
            ...{ job, commit: new Commit(), vantage: localVantage() },
            plan: { id: 'one', operation: 'harden', posture } as unknown as Plan,
            login: { session, route: { name: 'x', shortLived: true, target } },
            backup: { standing: undefined } as unknown as Backup,
          },
          () => {},
        );
        expectFit(error.message, 13_000);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  const mebibyte = (line: string) => line.repeat(Math.ceil((1000 * 1024) / line.length));
  it.each([
    ...keys.map(
      (key) =>
        [`lines of ${key}`, mebibyte(`${key}=-A INPUT -p tcp --dport 1 -j DNAT x y z a b c d\n`)] as const,
    ),
    [
      'rules about all ports',
      mebibyte(`filter_rule=-A INPUT -p tcp --dports ${'1:65535,'.repeat(14)}2 -j ACCEPT\n`),
    ] as const,
    [
      'redirections of all ports',
      mebibyte('nat_rule=-A PREROUTING -p tcp --dport 1:65535 -j DNAT\n'),
    ] as const,
    ['comments without an end', mebibyte(`ufw_rule=${" comment 'x".repeat(360)}\n`)] as const,
    ['one endless line', `filter_rule=${mebibyte(" comment 'x")}\n`] as const,
    ['only line ends', '\n'.repeat(1_000_000)] as const,
  ])(
    'keeps nobody busy by a megabyte of %s',
    async (_what, stdout) => {
      const work = countWork();
      const failure = await messageOf(async () => concluded(await readFacts(hostSaying({ stdout }))));
      expectFit(failure, 1000);
      expect(failure).not.toMatch(/Invalid|out of range|Maximum/);
      expect(work()).toBeLessThan(10_000);
    },
    120_000,
  );

  it('keeps nobody busy by its effective sshd settings', () => {
    const work = countWork();
    overriddenSettings([['Port', '22']], 'port 22\n'.repeat(400_000));
    expect(work()).toBeLessThan(3000);
  });

  it('cannot have anything pinned that is no host key, nor thousands of them', () => {
    const answer = (hostKeys: string) => parseCandidate(`port 20001\n${hostKeys}\neffective\nport 22`);
    expect(answer('ssh-ed25519 AAAA').hostKeys).toEqual(['ssh-ed25519 AAAA']);
    expect(() => answer('not a key at all')).toThrow('no complete answer');
    expect(() => answer(Array.from({ length: 100 }, () => 'ssh-ed25519 AAAA').join('\n'))).toThrow(
      'no complete answer',
    );
  });

  it.each([
    [{ stdout: 'os=debian\n'.repeat(50_000) }, /says 50001 lines about itself/],
    [
      { stdout: `filter_rule=${'x'.repeat(5000)}\n` },
      /what the host says of filter_rule has 5012 characters/,
    ],
    [
      { stdout: Array.from({ length: 100 }, (_, port) => `sshd_port=${port + 1}\n`).join('') },
      /listens on 100 ports/,
    ],
    [{ stdout: 'x'.repeat(2_000_000) }, /wrote more than allowed/],
  ] satisfies [Answer, RegExp][])('is told what was too much', async (answer, expected) => {
    expect(await messageOf(() => readFacts(hostSaying(answer)))).toMatch(expected);
  });
});
