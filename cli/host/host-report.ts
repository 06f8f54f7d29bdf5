import type { Posture } from '../../posture/schema/posture.ts';
import { excerpt } from '../../remote/sanitise.ts';
import type { RunOptions } from '../../remote/ssh/run-options.ts';
import { sshdDifferences, sshdQuestion } from '../../transaction/drift/sshd-drift.ts';
import { messageOf } from '../../transaction/error.ts';
import { FACTS_BYTES } from '../../transaction/facts/fact-lines.ts';
import { type Fallback, readFallback } from './fallback.ts';

/** A knock daemon that runs without its sandbox (transaction/server/host/knock/sandbox.sh). */
export interface Unsandboxed {
  /** `change`: the host could not do with it when it was sealed; `guard`: it could then, and no longer can. */
  readonly by: 'change' | 'guard';
  readonly unit: string;
  /** Since when, UTC (ISO 8601). */
  readonly since: string;
  /** What was seen, in systemd's words. */
  readonly reason: string;
}

/** What a host says of itself to whoever logs in as root; null: that is as it was sealed. */
export interface HostReport {
  readonly fallback: Fallback | null;
  readonly unsandboxed: Unsandboxed | null;
  /** Where its sshd does something else than the posture says, as lines of drift (`-` as sealed, `+` as found). */
  readonly sshd: readonly string[];
}

/** Where the words about the sandbox begin. */
const SANDBOX = 'sandbox:';

/** And those of sshd. */
const SSHD = 'sshd:';

// A rollback brings the drop-in back, and the note stays.
const script = `cat /run/postern/fallback 2>/dev/null
echo ${SANDBOX}
note=/var/lib/postern/unsandboxed
unit=$(sed -n s/^unit=//p $note 2>/dev/null)
[ -z "$unit" ] || [ -e /etc/systemd/system/$unit.d/postern-sandbox.conf ] || cat $note
echo ${SSHD}
`;

/**
 * Prints what {@link parseHostReport} reads; for root on the host.
 *
 * @param posture that it was sealed with; undefined: nobody can say then whether its sshd does what it should.
 */
export function hostReportProgram(
  posture: Posture | undefined,
): Pick<RunOptions, 'script' | 'args' | 'maxOutputBytes'> {
  const asked = posture === undefined ? { script: '', args: [] } : sshdQuestion(posture);
  return { script: script + asked.script, args: asked.args, maxOutputBytes: FACTS_BYTES };
}

/** Reads the host's own words. */
export function parseHostReport(text: string, posture: Posture | undefined): HostReport {
  const [rules = '', others = ''] = text.split(`${SANDBOX}\n`);
  const [sandbox = '', sshd = ''] = others.split(`${SSHD}\n`);
  return {
    fallback: readFallback(rules) ?? null,
    unsandboxed: readUnsandboxed(sandbox),
    sshd: posture === undefined ? [] : readSshd(sshd, posture),
  };
}

/** What of {@link HostReport.sshd} was found, as a sentence. */
export function sshdWords(sshd: readonly string[]): string {
  const found = sshd.filter((line) => line.startsWith('+ ')).map((line) => line.slice(2));
  return `sshd does something else than it was sealed with: ${found.join('; ')}`;
}

/** What to type about it. */
export function sshdAdvice(stack: string): string {
  return `Somebody changed sshd's files or its unit: ls -lt /etc/ssh /etc/ssh/sshd_config.d there. Take that away, or npx pulumi up -s ${stack} --refresh, which names what stands in the way.`;
}

/** A host may say what it likes: nothing of it ends a look at the others. */
function readSshd(text: string, posture: Posture): string[] {
  try {
    return sshdDifferences(text, posture);
  } catch (error) {
    return [`+ its answer cannot be read: ${messageOf(error)}`];
  }
}

function readUnsandboxed(text: string): Unsandboxed | null {
  const word = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const unit = excerpt(word('unit'), 100);
  if (unit === '') return null;
  const by = word('by') === 'change' ? 'change' : 'guard';
  return { by, unit, since: excerpt(word('since'), 40), reason: excerpt(word('reason'), 300) };
}

/** What happened to the sandbox, and what the host is doing now. */
export function unsandboxedWords({ by, unit, since, reason }: Unsandboxed): string {
  return by === 'change'
    ? `${unit} runs without its sandbox, with which it did not listen when the host was sealed: ${reason}`
    : `${unit} did not listen any more within its sandbox, so the host runs it without since ${since}: ${reason}`;
}

/** What to type about a sandbox that was lost. */
export function unsandboxedAdvice(stack: string, { unit }: Unsandboxed): string {
  return `The door works. A new kernel, systemd or limit of a container may be the reason: journalctl -u ${unit}. npx pulumi up -s ${stack} --refresh tries the sandbox again, and seals the host without one if it still does not work.`;
}
