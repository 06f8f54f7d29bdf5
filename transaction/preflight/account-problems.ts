import type { Posture } from '../../posture/schema/posture.ts';
import type { Facts } from '../facts/facts.ts';

/** Shells that end a login. */
const NO_SHELL = /\/(nologin|false|true|sync)$/;

/** Days that an account has to last, from now, not to be told of: a year. */
const LONG = 365;

/** PAM modules that refuse a login by a count, a place or a time, whatever key it has. */
const REFUSING = ['pam_time', 'pam_access', 'pam_faillock', 'pam_tally2', 'pam_listfile'] as const;

/**
 * What keeps the administrator out of an account that is there already, or will: each a sentence that says what was seen
 * and what to do. The aging of the account is not among it, because the change takes that off.
 */
export function accountProblems({ raw, shell }: Facts, { admin }: Posture): string[] {
  const shellOf = shell(admin.user);
  const times = hasModule(raw, 'pam_time') ? (raw.get('pam_time') ?? []).filter(concernsSshd) : [];
  return [
    ...(shellOf !== undefined && NO_SHELL.test(shellOf)
      ? [
          `the shell of admin.user ${admin.user} is ${shellOf}, which ends every login; run usermod -s /bin/bash ${admin.user} there, or take another account`,
        ]
      : []),
    ...(times.length === 0
      ? []
      : [
          `PAM refuses logins at some hours (pam_time in sshd's stack, and in /etc/security/time.conf: ${times.join(' and ')}), so nobody would get in then; take the rules for sshd out`,
        ]),
  ];
}

/** What should be seen beside a change: what may keep the administrator out one day, and the change leaves alone. */
export function accountWarnings({ raw }: Facts, { admin }: Posture, firstUser: string): string[] {
  const modules = REFUSING.filter((module) => module !== 'pam_time' && hasModule(raw, module));
  const rules = raw.get('pam_access') ?? [];
  const refusing = modules.filter((module) => module !== 'pam_access' || rules.length > 0);
  const first = firstUser === admin.user ? undefined : lastDay(raw, firstUser);
  return [
    ...refusing.map(
      (module) =>
        `${module} is in the host's PAM stack of sshd, and may refuse ${admin.user} one day, with the right key and through an open door: ${ADVICE[module]}`,
    ),
    ...((raw.get('failures') ?? []).includes(admin.user) && refusing.includes('pam_faillock')
      ? [
          `pam_faillock has counted failed logins of ${admin.user}; faillock --user ${admin.user} --reset forgets them`,
        ]
      : []),
    ...(first === undefined
      ? []
      : [
          `the account ${firstUser}, by which the host is reached before its hardening and after it was given back, ${first}; chage -l ${firstUser} there tells more`,
        ]),
  ];
}

const ADVICE: Readonly<Record<(typeof REFUSING)[number], string>> = {
  pam_time: 'take the rules for sshd out of /etc/security/time.conf',
  pam_access: 'see that /etc/security/access.conf lets that user in from everywhere',
  pam_faillock: 'others can fail in that user’s name, with su for one; leave it out of the account lines',
  pam_tally2: 'others can fail in that user’s name, with su for one; leave it out of the account lines',
  pam_listfile: 'see that its file lets that user in',
};

function hasModule(raw: Facts['raw'], module: string): boolean {
  return (raw.get('pam') ?? []).some((line) => line.includes(`${module}.so`));
}

/** A rule of time.conf: services;terminals;users;times. */
function concernsSshd(rule: string): boolean {
  const services = rule.split(';')[0] ?? '';
  return services
    .split(/[|&]/)
    .some((name) => ['sshd', '*', 'ssh*'].includes(name.trim()) || name.trim().startsWith('!'));
}

/** When an account stops taking logins, in words; undefined where it lasts for a year and more. */
function lastDay(raw: Facts['raw'], user: string): string | undefined {
  const fields = raw
    .get('aging')
    ?.find((line) => line.startsWith(`${user}:`))
    ?.split(':');
  const [last, , most, , , expire] = (fields ?? [])
    .slice(1)
    .map((text) => (text === '' ? undefined : Number(text)));
  const today = Number(raw.get('today')?.[0]);
  if (last === 0) return 'must change its password at its next login';
  const ages =
    last === undefined || most === undefined || most < 0 || most >= 99_999 ? undefined : last + most;
  const days = [ages, expire === undefined || expire < 0 ? undefined : expire].filter(
    (day) => day !== undefined,
  );
  const day = Math.min(...days);
  if (!Number.isFinite(day) || Number.isNaN(today) || day - today > LONG) return undefined;
  // No date at all, only a host that says so.
  if (Math.abs(day) > 10_000_000) return undefined;
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  return day < today ? `has expired, on ${date}` : `expires on ${date}`;
}
