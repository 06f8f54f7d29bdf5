import type { Posture } from '../../posture/schema/posture.ts';
import { decisiveSettings } from '../../posture/sshd/access.ts';
import { configLines } from '../../posture/sshd/config-lines.ts';
import { sshdConflicts } from '../../posture/sshd/conflicts.ts';
import { type Override, overriddenSettings } from '../../posture/sshd/effective.ts';
import type { Setting } from '../../posture/sshd/setting.ts';
import { sshdSettings } from '../../posture/sshd/settings.ts';
import { excerpt } from '../../remote/sanitise.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import type { Session } from '../../remote/ssh/session.ts';
import { FACTS_BYTES, type RawFacts, readFactLines } from '../facts/fact-lines.ts';
import { overridingCommands } from '../preflight/sshd-command.ts';
import { program } from '../programs.ts';
import { SLOW_SECONDS } from '../time-limits.ts';

/**
 * Where a host's sshd lets in others, or by other means, than its posture says, whichever file or command line brings that
 * about: asked of sshd itself (`sshd -T`) for each account and address that its files tell apart.
 *
 * @returns lines of drift, `-` as sealed and `+` as found; empty when there is none.
 */
export async function sshdDrift(session: Session, posture: Posture): Promise<string[]> {
  const result = await session.run({
    ...sshdQuestion(posture),
    timeoutSeconds: SLOW_SECONDS,
    maxOutputBytes: FACTS_BYTES,
  });
  return sshdDifferences(expectSuccess(result, 'ask sshd what it does'), posture);
}

/** What prints, as root on a host, what {@link sshdDifferences} reads. */
export function sshdQuestion({ admin }: Posture): {
  readonly script: string;
  readonly args: readonly string[];
} {
  return {
    script: program('host/systemd.sh') + program('facts-sshd.sh') + program('sshd-logins.sh'),
    args: [admin.user],
  };
}

/** Lines of drift that are told at most, of those that a host makes up. */
const DIFFERENCES = 100;

/** As above, from what the host says. */
export function sshdDifferences(answer: string, posture: Posture): string[] {
  const raw = readFactLines(answer);
  const settings = decisiveSettings(sshdSettings(posture)).filter(known(raw));
  const told = new Map<string, string[]>();
  for (const { login, text } of loginsIn(answer))
    for (const override of overriddenSettings(settings, text)) {
      const lines = describe(override).join('\n');
      told.set(lines, [...(told.get(lines) ?? []), login]);
    }
  const all = [
    ...(raw.get('sshd_refuses') ?? [])
      .slice(0, 1)
      .flatMap((reason) => ['- sshd takes its files', `+ sshd refuses them: ${excerpt(reason, 300)}`]),
    ...[...told].flatMap(([lines, logins]) => `${lines} ${forWhom(logins)}`.split('\n')),
    ...overridingCommands(raw, settings).flatMap(({ options, command }) => [
      '- sshd is started with options that set nothing against its files',
      `+ sshd is started with ${options.join(' ')} (${command})`,
    ]),
    ...sshdConflicts(configLines(raw.get('sshd_line') ?? []), settings)
      .filter((conflict) => !conflict.includes(INCLUSION))
      .flatMap((conflict) => ['- no other file of sshd says who gets in', `+ ${conflict}`]),
  ];
  return all.slice(0, DIFFERENCES);
}

/** Whether the drop-in counts at all shows in what sshd makes of it. */
const INCLUSION = 'does not include';

/** Directives of this sshd alone: what it lacks it does not do either. */
function known(raw: RawFacts) {
  const directives = (raw.get('sshd_directives')?.[0] ?? '').toLowerCase().split(' ');
  // These are printed once they are set, and only then.
  const silent = ['allowusers', 'authenticationmethods'];
  return ([directive]: Setting) =>
    directives.includes(directive.toLowerCase()) || silent.includes(directive.toLowerCase());
}

function* loginsIn(answer: string): Generator<{ login: string; text: string }> {
  let login: string | undefined;
  let lines: string[] = [];
  for (const line of [...answer.split('\n'), 'sshd_login=']) {
    if (line.startsWith('sshd_set=')) lines.push(line.slice('sshd_set='.length));
    if (!line.startsWith('sshd_login=')) continue;
    if (login !== undefined) yield { login, text: lines.join('\n') };
    login = line.slice('sshd_login='.length);
    lines = [];
  }
}

function describe({ directive, wanted, effective }: Override): string[] {
  return [
    `- sshd ${directive} ${wanted}`,
    `+ sshd ${directive} ${excerpt(effective, 200) || 'is not set'}, in force for`,
  ];
}

/** Logins that are named, of those that a setting is in force for. */
const NAMED = 3;

function forWhom(logins: readonly string[]): string {
  const named = logins.slice(0, NAMED).map((login) => excerpt(login, 80).replace(' ', ' from '));
  const more = logins.length - named.length;
  return `${named.join(', ')}${more === 0 ? '' : `, and ${more} more`}`;
}
