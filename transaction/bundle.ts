/** One file of a bundle: its path below the change's folder on the host, and its content. Only root can read it there. */
export interface BundleFile {
  readonly path: string;
  readonly content: string;
}

const SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;
const BLOCK = 512;

/**
 * Files as one archive that tar(1) unpacks, in the ustar format of POSIX.1-1988. Its last file, `end`, says that it is
 * whole: tar takes an archive that ends between two files for a complete one.
 *
 * @throws Error for a path that is not relative, or longer than 100 characters.
 */
export function bundle(files: readonly BundleFile[]): Buffer {
  const entries = [...files, { path: 'end', content: '' }].flatMap(({ path, content }) => {
    if (!SAFE_PATH.test(path) || path.includes('..')) throw new Error(`not a path for a bundle: ${path}`);
    const bytes = Buffer.from(content);
    return [header(path, bytes.length), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

/** A regular file of root's, mode 0600. */
function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, digits: number) =>
    block.write(value.toString(8).padStart(digits, '0'), offset);
  block.write(path, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  // The sum of the header's bytes, its own field taken as spaces.
  block.fill(' ', 148, 156);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  block[154] = 0;
  return block;
}
