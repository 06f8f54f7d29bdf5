import type { Setting } from './setting.ts';

/** Options of sshd(8) that change nothing about who gets in, and whether a value follows. */
const HARMLESS: Readonly<Record<string, boolean>> = {
  '-D': false,
  '-d': false,
  '-e': false,
  '-q': false,
  '-R': false,
  '-i': false,
  '-4': false,
  '-6': false,
  '-E': true,
  '-u': true,
  '-g': true,
};

/** What an option of the command line means, as a directive. */
const MEANING: Readonly<Record<string, string>> = {
  '-p': 'Port',
  '-h': 'HostKey',
  '-c': 'HostCertificate',
};

/**
 * What a command line of sshd sets against the settings. It is read before any file, so its values win over all that a
 * file says outside of Match blocks, and `-f` over the files themselves.
 *
 * @param words of the command line, without the program.
 * @returns the words that do; empty when all is well.
 */
export function overridingOptions(words: readonly string[], settings: readonly Setting[]): string[] {
  const found: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const option = word.slice(0, 2);
    if (!option.startsWith('-') || option in HARMLESS) {
      if (HARMLESS[option] === true && word.length === 2) index++;
      continue;
    }
    const parts = word.length > 2 ? [word.slice(2)] : [words[++index] ?? ''];
    // Quotes are gone by now, and a directive may have several words.
    while (option === '-o' && words[index + 1]?.startsWith('-') === false) parts.push(words[++index] ?? '');
    const value = parts.join(' ');
    const said = `${option} ${value}`.trim();
    const directive = MEANING[option];
    if (option === '-o') {
      const [, name = '', given = ''] = /^\s*([A-Za-z0-9]+)[\s=]+(.*?)\s*$/.exec(value) ?? [];
      if (!agrees(name, given, settings)) found.push(said);
    } else if (
      option === '-f' ? value !== '/etc/ssh/sshd_config' : !agrees(directive ?? '', value, settings)
    ) {
      found.push(said);
    }
  }
  return found;
}

/** A directive that Postern does not set is the owner's. */
function agrees(directive: string, value: string, settings: readonly Setting[]): boolean {
  const wanted = settings.filter(([name]) => name.toLowerCase() === directive.toLowerCase());
  return wanted.length === 0 || wanted.some(([, ours]) => ours.toLowerCase() === value.toLowerCase());
}
