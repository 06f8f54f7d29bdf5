import type { TcpState } from '../../remote/probe.ts';
import { type ExitCode, exitCode } from '../command-line/exit.ts';
import { fallbackWords } from '../host/fallback.ts';
import { sshdWords, unsandboxedWords } from '../host/host-report.ts';
import type { FleetHost } from '../stack/outputs.ts';
import type { Reading } from './measure.ts';
import { portsOf } from './unexpected-ports.ts';

/** Something that is not as the stack promises. */
export interface Finding {
  /** Leads to this exit status. */
  readonly code: ExitCode;
  /** One sentence. */
  readonly text: string;
}

type Ports = Pick<FleetHost, 'sshPort' | 'backupPort' | 'exposure'>;

/** Strays that are named one by one. */
const NAMED = 10;

/** What is not as promised, the worst first; empty: all is well. */
export function findingsOf({ sshPort, backupPort, exposure }: Ports, reading: Reading): Finding[] {
  const { now, afterKnock } = reading;
  if (now === null) return [];
  const exposed = (text: string): Finding => ({ code: exitCode.exposed, text });
  const findings: Finding[] = [];
  if (answers(now.ssh)) findings.push(exposed(`ssh port ${sshPort} ${said(now.ssh)} without a knock`));
  if (answers(now.backup)) findings.push(exposed(`backup port ${backupPort} ${said(now.backup)}`));
  for (const { port, state } of now.first ?? [])
    if (answers(state))
      findings.push(
        exposed(
          `port ${port} ${said(state)}, as before the first change: the host may have been restored or made anew`,
        ),
      );
  for (const { port, purpose, state, admitted } of now.served) {
    if (admitted && !answers(state))
      findings.push({ code: exitCode.failed, text: `port ${port} (${purpose}) does not pass: ${state}` });
    if (!admitted && answers(state))
      findings.push(exposed(`port ${port} (${purpose}) ${said(state)}, though this machine is not admitted`));
  }
  // Where rules of the host's own are kept, what they let in is not ours to call closed.
  const kept = exposure.some(({ access }) => access.to === 'unknown');
  const strays = kept ? [] : (now.strays ?? []);
  for (const stray of strays.slice(0, NAMED))
    findings.push(
      exposed(`tcp ${portsOf(stray)} ${said(stray.state)}, and the configuration opens no such port`),
    );
  if (strays.length > NAMED)
    findings.push(exposed(`${strays.length - NAMED} more such ranges of ports answer`));
  if (afterKnock !== null && afterKnock.ssh !== 'open')
    findings.push({
      code: exitCode.door,
      text: `the door does not open: ssh port ${sshPort} stays ${afterKnock.ssh}`,
    });
  if (afterKnock?.closed === 'no')
    findings.push({ code: exitCode.door, text: `ssh port ${sshPort} stays open after the closing sequence` });
  if (afterKnock?.fallback != null)
    findings.push({ code: exitCode.failed, text: fallbackWords(afterKnock.fallback) });
  // Sealed like that, it is as promised.
  if (afterKnock?.unsandboxed?.by === 'guard')
    findings.push({ code: exitCode.failed, text: unsandboxedWords(afterKnock.unsandboxed) });
  if (afterKnock?.sshd !== undefined && afterKnock.sshd.length > 0)
    findings.push({ code: exitCode.failed, text: sshdWords(afterKnock.sshd) });
  return findings.sort((left, right) => right.code - left.code);
}

/** The exit status for all findings: the worst. */
export function worst(findings: readonly Finding[]): ExitCode {
  return Math.max(exitCode.ok, ...findings.map(({ code }) => code));
}

/** The port said something: a connection, or a reset. */
export function answers(state: TcpState): boolean {
  return state === 'open' || state === 'refused';
}

function said(state: TcpState): string {
  return state === 'open' ? 'is OPEN' : 'answers with a reset';
}
