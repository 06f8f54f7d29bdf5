import { describe, expect, it } from 'vitest';
import { agentFiles } from '../../transaction/programs.ts';

/** Verbs of systemctl that do nothing at all since systemd 262 when one of several units is not loaded. */
const VERBS = 'stop|start|restart|try-restart|reload|disable|kill|reset-failed|unmask';

/** Calls of systemctl in a shell program that name several units, or a list of them. */
function several(content: string): string[] {
  const calls = content.matchAll(
    new RegExp(`systemctl (?:(?:-\\S+|\\$\\{[^}]*\\}) )*(?:${VERBS}) ([^;|&)<>\\n]*)`, 'g'),
  );
  return [...calls].flatMap(([call, rest = '']) => {
    const units = rest
      .replace(/ [0-9]$/, '')
      .split(/\s+/)
      .filter((word) => word !== '' && !word.startsWith('-'));
    return units.length > 1 || units.some((unit) => unit.startsWith('$')) ? [call] : [];
  });
}

describe('systemctl on the host', () => {
  it.each(agentFiles().map(({ path, content }) => [path, content] as const))(
    'is given one unit at a time in %s',
    (_, content) => {
      expect(several(content)).toEqual([]);
    },
  );

  it.each([
    'systemctl -q stop a.service b.service 2>/dev/null || :',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell
    'timeout 20 systemctl -q ${rollback_block:+"$rollback_block"} restart "$SSH_UNIT" "$SSH_SOCKET"',
    'systemctl disable --now $units',
  ])('would be told apart: %s', (line) => {
    expect(several(line)).toHaveLength(1);
  });

  it.each(['systemctl -q stop "$unit" 2>/dev/null || :', 'systemctl disable --now "$SSH_SOCKET"'])(
    'may be: %s',
    (line) => {
      expect(several(line)).toEqual([]);
    },
  );
});
