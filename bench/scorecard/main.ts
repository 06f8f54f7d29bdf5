import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELEASES, type Release } from '../../lab/base.ts';
import { destroyOwner } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { testOwner } from '../../lab/owner.ts';
import { labSupport } from '../../lab/support.ts';
import { type LoginKey, makeKey } from '../hosts.ts';
import { openHostDoor, withCandidate } from './host.ts';
import { readInForce } from './in-force.ts';
import { type Scores, scorecard } from './report.ts';
import { auditSsh, installSshAudit, POLICIES, passesPolicy } from './ssh-audit.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/scorecard.md');
const IN_FORCE = readFileSync(join(import.meta.dirname, 'in-force.sh'), 'utf8');

// `npm run scorecard`: seals a lab host of each release and writes docs/scorecard.md.
const support = labSupport();
if (!support.ok) throw new Error(support.reason);
const owner = await testOwner();
const folder = mkdtempSync(join(tmpdir(), 'postern-scorecard-'));
try {
  await installSshAudit();
  const key = await makeKey(folder);
  const scores: Scores[] = [];
  for (const release of [...RELEASES].sort()) scores.push(await score(release, key));
  writeFileSync(DOCUMENT, scorecard(scores));
  console.log(`wrote ${DOCUMENT}`);
} finally {
  await destroyOwner(owner);
  rmSync(folder, { recursive: true, force: true });
}

async function score(release: Release, key: LoginKey): Promise<Scores> {
  console.log(`sealing a host of ${release} with the defaults`);
  const found = await withCandidate({ release, owner, key, ssh: {} }, async (host) => {
    const { address } = await openHostDoor(host);
    const user = host.job.posture.admin.user;
    const look = await execVps(host.vps, ['sh', '-s', user], { stdin: IN_FORCE });
    if (look.code !== 0) throw new Error(`the settings of ${release} could not be read: ${look.stderr}`);
    const version = await execVps(host.vps, ['ssh', '-V']);
    return {
      release,
      version: version.stderr.split(',')[0] ?? '',
      inForce: readInForce(look.stdout),
      audit: await auditSsh(address, host.job.posture.ssh.port),
    };
  });
  const { policy, profile } = POLICIES[release];
  const passed = async (wanted: string) => {
    console.log(`holding a host of ${release} with profile ${wanted} to its policy`);
    const ssh = { profile: wanted, hostKeyGeneration: 1 };
    return withCandidate({ release, owner, key, ssh }, async (host) => {
      const { address } = await openHostDoor(host);
      return (await passesPolicy(address, host.job.posture.ssh.port, policy)).passed;
    });
  };
  const modern = await passed('modern');
  const name = policy.startsWith('/') ? 'our own' : policy;
  return {
    ...found,
    policy: { name, profile, modern, passed: profile === 'modern' ? modern : await passed(profile) },
  };
}
