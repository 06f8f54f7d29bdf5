import type { Release } from '../../lab/base.ts';
import { type InForce, keeps } from './in-force.ts';
import { REASONS } from './reasons.ts';
import { BASELINES, type Baseline } from './rules.ts';
import type { Finding } from './ssh-audit.ts';

/** What was found on a sealed host of one release. */
export interface Scores {
  readonly release: Release;
  /** What its sshd calls itself. */
  readonly version: string;
  readonly inForce: InForce;
  readonly audit: { readonly fail: readonly Finding[]; readonly warn: readonly Finding[] };
  /** The policy of ssh-audit, the profile with which it passes, and whether it does with that and with `modern`. */
  readonly policy: {
    readonly name: string;
    readonly profile: string;
    readonly passed: boolean;
    readonly modern: boolean;
  };
}

/** `dev-sec: sshd-05`: how reasons are found. */
export function ruleKey({ name }: Baseline, id: string): string {
  return `${name.split(/[ ,]/)[0]}: ${id}`;
}

/** docs/scorecard.md. */
export function scorecard(scores: readonly Scores[]): string {
  return `# Scorecard
Made by \`npm run scorecard\`: a fresh lab host of each release is sealed with the defaults, then ssh-audit looks at it from outside and
every rule of the other baselines is put to what \`sshd -T\` says is in force. The baselines contradict each other, so no sshd
keeps all of them; what is not kept stands below, with the reason.

## ssh-audit
| release | OpenSSH | failures | warnings | policy | \`modern\` | with \`${[...new Set(scores.map(({ policy }) => policy.profile))].join('` or `')}\` |
|---|---|---|---|---|---|---|
${scores.map(auditRow).join('\n')}

Policies ask for RSA host keys of 4096 bits, so they are run with \`ssh.hostKeyGeneration: 1\`. Debian 11 has no policy of ssh-audit's; it is held
to \`bench/scorecard/debian-11.policy\`, that of Debian 12 less what OpenSSH 8.4 lacks. The policy of Debian 13 has post-quantum
key exchanges only: profile \`post-quantum\` passes it; \`modern\` keeps curve25519 for clients without them, and that is its one deviation.
${warnings(scores)}
## Rules kept
| baseline | ${scores.map(({ release }) => release).join(' | ')} |
|---|${scores.map(() => '---|').join('')}
${BASELINES.map((baseline) => `| ${baseline.name} | ${scores.map(({ inForce }) => kept(baseline, inForce)).join(' | ')} |`).join('\n')}

${BASELINES.map(({ name, source }) => `${name}: ${source}.`).join('\n')}

## Rules not kept
| rule | wants | is | on | why |
|---|---|---|---|---|
${BASELINES.flatMap((baseline) => missed(baseline, scores)).join('\n')}
`;
}

function auditRow({ release, version, audit, policy }: Scores): string {
  const word = (passed: boolean) => (passed ? 'passes' : 'does not pass');
  return `| ${release} | ${version} | ${audit.fail.length} | ${audit.warn.length} | ${policy.name} | ${word(policy.modern)} | ${word(policy.passed)} |`;
}

function warnings(scores: readonly Scores[]): string {
  const lines = scores.flatMap(({ release, audit }) =>
    [...audit.fail, ...audit.warn].map(({ algorithm, said }) => `- ${release}, \`${algorithm}\`: ${said}\n`),
  );
  return lines.length === 0 ? '' : `\nWhat it warns of:\n${lines.join('')}`;
}

function kept({ rules }: Baseline, inForce: InForce): string {
  return `${rules.filter((rule) => keeps(rule, inForce)).length} of ${rules.length}`;
}

function missed(baseline: Baseline, scores: readonly Scores[]): string[] {
  return baseline.rules.flatMap((rule) => {
    const missing = scores.filter(({ inForce }) => !keeps(rule, inForce));
    if (missing.length === 0) return [];
    const key = ruleKey(baseline, rule.id);
    const values = [...new Set(missing.map(({ inForce }) => inForce.get(rule.subject) ?? 'not there'))];
    const where = missing.length === scores.length ? 'all' : missing.map(({ release }) => release).join(', ');
    const cell = (text: string) => text.replaceAll(',', ', ').replaceAll('|', ' or ');
    return [
      `| ${key}, \`${rule.subject}\` | ${cell(rule.wanted)} | ${values.map(cell).join('; ')} | ${where} | ${REASONS[key] ?? 'no reason is known: a finding'} |`,
    ];
  });
}
