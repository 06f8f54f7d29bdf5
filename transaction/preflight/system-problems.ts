import type { Posture } from '../../posture/schema/posture.ts';
import { systemName } from '../../posture/system/systems.ts';
import type { Facts } from '../facts/facts.ts';

/** Releases of Debian on which every path of a change is tested. */
const DEBIAN_RELEASES: readonly string[] = ['11', '12', '13'];

/** Releases of RHEL's family that there are paths for: the OpenSSH of 8 cannot include files. */
const RHEL_RELEASES: readonly string[] = ['9', '10'];

/**
 * Whether the host's operating system is one that the posture is for; each problem is a sentence that says what was
 * seen and what to do.
 */
export function systemProblems(facts: Facts, posture: Posture): string[] {
  const { os, version } = facts;
  const found = `${os || 'unknown'} ${version}`.trim();
  const release = version.split('.')[0] ?? '';
  const isRhel = isOfRhel(facts);
  if (systemName(posture) === 'debian') {
    if (os === 'debian' && DEBIAN_RELEASES.includes(release)) return missing(facts, ['apt-get']);
    if (isRhel)
      return [
        `the system is ${found}, of RHEL's family, and the configuration takes it for Debian; no change was ever run on a real host of that family. To go on all the same, read docs/rhel.md and set system: rhel for this host`,
      ];
    return [`the system is ${found}; Debian ${DEBIAN_RELEASES.join(', ')} are supported`];
  }
  if (!isRhel) return [`the system is ${found}, and the configuration says system: rhel; leave that out`];
  if (!RHEL_RELEASES.includes(release))
    return [`the system is ${found}; of RHEL's family there are paths for ${RHEL_RELEASES.join(' and ')}`];
  return [...missing(facts, ['dnf', 'rpm']), ...rhelProblems(facts)];
}

/** What should be seen beside the change: that nobody has seen it work on such a host. */
export function untestedSystem(posture: Posture): string | undefined {
  if (systemName(posture) !== 'rhel') return undefined;
  return "no change was ever run on a real host of RHEL's family: have its console at hand. It rolls back by itself as any other host does";
}

function isOfRhel({ os, raw }: Facts): boolean {
  return [os, ...(raw.get('os_like')?.[0] ?? '').split(' ')].includes('rhel');
}

function missing({ raw }: Facts, tools: readonly string[]): string[] {
  const there = raw.get('tool') ?? [];
  return tools.filter((tool) => !there.includes(tool)).map((tool) => `${tool} is missing`);
}

function rhelProblems({ raw }: Facts): string[] {
  // Only what changes settings, files or ports: an option such as -u0 does not.
  const options = (raw.get('sshd_options') ?? []).filter((option) =>
    /(^CRYPTO_POLICY=|[= ])-[ophcf]/.test(option),
  );
  return [
    ...(raw.get('fips')?.[0] === '1'
      ? [
          'the host is in FIPS mode, whose OpenSSL refuses the ed25519 keys that Postern and its backup sshd use; it is not supported',
        ]
      : []),
    ...(options.length === 0
      ? []
      : [
          `/etc/sysconfig/sshd gives sshd ${options.join(' and ')} on its command line, which no file overrides; empty it there`,
        ]),
    ...(raw.get('selinux')?.[0] !== undefined && raw.get('tool')?.includes('restorecon') !== true
      ? ['SELinux is on and restorecon is missing; install policycoreutils']
      : []),
  ];
}
