/** One file of a bundle: its path below the change's folder on the host, its mode and its content. */
export interface BundleFile {
  readonly path: string;
  readonly mode: string;
  readonly content: string;
}

const SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/**
 * Files as one stream of text that `stage.sh` unpacks with the shell and base64 alone, because nothing else is sure to
 * be on a host. The last line says that it is whole.
 */
export function bundle(files: readonly BundleFile[]): string {
  const parts = files.map(({ path, mode, content }) => {
    if (!SAFE_PATH.test(path) || path.includes('..')) throw new Error(`not a path for a bundle: ${path}`);
    const text = Buffer.from(content, 'utf8')
      .toString('base64')
      .replaceAll(/(.{76})/g, '$1\n');
    return `file ${mode} ${path}\n${text}${text.endsWith('\n') || text === '' ? '' : '\n'}.\n`;
  });
  return `${parts.join('')}end\n`;
}
