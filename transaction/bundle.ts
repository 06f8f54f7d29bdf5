/** One file of a bundle: its path below the change's folder on the host, and its content. Only root can read it there. */
export interface BundleFile {
  readonly path: string;
  readonly content: string;
}

const SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/**
 * Files as one stream that `stage.sh` unpacks with the shell and head(1) alone, because nothing else is sure to be on a
 * host. The last line says that it is whole.
 */
export function bundle(files: readonly BundleFile[]): string {
  const parts = files.map(({ path, content }) => {
    if (!SAFE_PATH.test(path) || path.includes('..')) throw new Error(`not a path for a bundle: ${path}`);
    return `${Buffer.byteLength(content)} ${path}\n${content}`;
  });
  return `${parts.join('')}end\n`;
}
