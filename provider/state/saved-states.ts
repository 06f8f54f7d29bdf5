import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { partsOfUrn } from '../../transaction/record/urn.ts';
import type { StateFile } from './state-file.ts';

/**
 * Whether a file backend has ever written a state whose host was sealed by a change: it keeps one for each run that ended. A
 * change that is in one of these was saved, and a state that lacks it is an older copy.
 *
 * @param urn of any resource of the stack.
 * @param since when the change began (ISO 8601); what was written before is not read.
 */
export function wasSaved(urn: string, state: StateFile, change: string, since: string): boolean {
  // Not as one that was only seen by a refresh.
  const text = new RegExp(`"change":\\s*"${change.replace(/[^\w-]/g, '')}"`);
  const { stack, project } = partsOfUrn(urn);
  const history = join(state.folder, '.pulumi/history');
  return [join(history, project, stack), join(history, stack)].some((folder) =>
    statesIn(folder, Date.parse(since)).some((file) => contains(file, text)),
  );
}

/** The newest first. */
function statesIn(folder: string, since: number): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /\.checkpoint\.json(\.gz)?$/.test(name));
    const files = names.map((name) => join(folder, name));
    return files.filter((file) => statSync(file).mtimeMs >= since).sort((a, b) => (a < b ? 1 : -1));
  } catch {
    return [];
  }
}

function contains(file: string, text: RegExp): boolean {
  try {
    const bytes = readFileSync(file);
    return text.test((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
  } catch {
    return false;
  }
}
