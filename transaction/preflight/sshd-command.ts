import { overridingOptions } from '../../posture/sshd/daemon-options.ts';
import type { Setting } from '../../posture/sshd/setting.ts';
import type { RawFacts } from '../facts/fact-lines.ts';

/** A command line of sshd that sets something against the settings. */
export interface OverridingCommand {
  /** As it is written, or runs. */
  readonly command: string;
  /** Its options that do, such as `-o PasswordAuthentication=yes`. */
  readonly options: readonly string[];
}

/**
 * The command line that the host's unit gives sshd, and the one that its daemon runs with, as far as they set something
 * against the settings; the second may be of before somebody wrote the first.
 */
export function overridingCommands(raw: RawFacts, settings: readonly Setting[]): OverridingCommand[] {
  const variables = new Map<string, string>();
  for (const line of raw.get('sshd_env') ?? []) {
    const equals = line.indexOf('=');
    // Later files win, as in systemd.
    variables.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const written = (raw.get('sshd_exec') ?? []).map((command) => expanded(command, variables));
  const running = raw.get('sshd_running') ?? [];
  const told = new Set<string>();
  return [...written, ...running].flatMap((command) => {
    const options = overridingOptions(command.trim().split(/\s+/).slice(1), settings);
    // The same in both is told once.
    if (options.length === 0 || told.has(options.join(' '))) return [];
    told.add(options.join(' '));
    return [{ command: command.trim(), options }];
  });
}

function expanded(command: string, variables: ReadonlyMap<string, string>): string {
  return command.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    return variables.get(braced ?? bare ?? '') ?? '';
  });
}
