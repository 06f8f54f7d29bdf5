import { chmodSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { keepFile, readText, sshFolder } from './files.ts';

/** The line that makes OpenSSH read the files of all of a project's stacks. */
export function includeLine(project: string): string {
  // First for glob(3), then for ssh_config(5), which takes a backslash before another one or a quote as an escape.
  const literal = sshFolder(project).replaceAll(/[\\*?[\]]/g, '\\$&');
  return `Include "${literal.replaceAll('\\\\', '\\\\\\\\').replaceAll('"', '\\"')}/*/config"`;
}

/**
 * Puts the include line at the top of the operator's ssh configuration, once: behind a `Host` line it would count for
 * that host alone. What is there stays as it is; so does a symbolic link.
 *
 * @returns the path of the file, and whether it was changed.
 */
export function addInclude(
  project: string,
  home: string,
): { readonly path: string; readonly added: boolean } {
  const path = join(home, '.ssh/config');
  const text = readText(path) ?? '';
  const line = includeLine(project);
  if (text.split('\n').some((each) => each.trim() === line)) return { path, added: false };
  const place = text === '' ? path : followed(path);
  const mode = modeOf(place);
  keepFile(place, `${line}\n${text === '' || text.startsWith('\n') ? '' : '\n'}${text}`);
  if (mode !== undefined) chmodSync(place, mode);
  return { path, added: true };
}

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function modeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mode;
}
