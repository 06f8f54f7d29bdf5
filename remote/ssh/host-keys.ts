import { createHash } from 'node:crypto';

// Key type as in a .pub file → the signature algorithms under which a server may prove that it holds the key.
const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'sk-ssh-ed25519@openssh.com': ['sk-ssh-ed25519@openssh.com'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'sk-ecdsa-sha2-nistp256@openssh.com': ['sk-ecdsa-sha2-nistp256@openssh.com'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

interface HostKey {
  readonly type: string;
  readonly base64: string;
}

function parse(line: string): HostKey | undefined {
  const match = /^(\S+) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n\0]*)?$/.exec(line.trim());
  const [, type, base64] = match ?? [];
  if (type === undefined || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < 36 || blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, ''))
    return undefined;
  const named = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
  return named === type ? { type, base64 } : undefined;
}

/** What is wrong with a pinned host key line, or undefined when it is usable. */
export function checkHostKey(line: string): string | undefined {
  const key = parse(line);
  if (key === undefined) return 'not a public key line ("ssh-ed25519 AAAA…")';
  return Object.hasOwn(algorithms, key.type)
    ? undefined
    : `key type not accepted; accepted are ${Object.keys(algorithms).join(', ')}`;
}

function usable(lines: readonly string[]): HostKey[] {
  return lines.flatMap((line) => parse(line) ?? []);
}

/** The text of a known_hosts file which accepts exactly these keys for the host `alias`. */
export function knownHosts(alias: string, lines: readonly string[]): string {
  return usable(lines)
    .map((key) => `${alias} ${key.type} ${key.base64}\n`)
    .join('');
}

/** Value of HostKeyAlgorithms under which only a pinned key can be negotiated. */
export function hostKeyAlgorithms(lines: readonly string[]): string {
  const types = Object.keys(algorithms).filter((type) => usable(lines).some((key) => key.type === type));
  return types.flatMap((type) => algorithms[type] ?? []).join(',');
}

/** `SHA256:…` fingerprint of one host key line, as OpenSSH prints it. Undefined when the line is no key. */
export function fingerprint(line: string): string | undefined {
  const key = parse(line);
  if (key === undefined) return undefined;
  const digest = createHash('sha256').update(Buffer.from(key.base64, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
