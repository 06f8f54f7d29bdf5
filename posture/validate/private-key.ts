const BEGIN = /^-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----$/m;

/** What follows the magic word of OpenSSH's format in a key that has no passphrase. */
const UNENCRYPTED = Buffer.from('openssh-key-v1\0\0\0\0\u0004none');

/** Whether a text is a private key that can be used without a passphrase; a public key is not one. */
export function isUsableKey(text: string): boolean {
  const begin = BEGIN.exec(text);
  if (begin === null || begin[1] === 'ENCRYPTED ' || text.includes('Proc-Type: 4,ENCRYPTED')) return false;
  if (begin[1] !== 'OPENSSH ') return true;
  const body = /-----\n([\s\S]*?)\n-----END/.exec(text.replaceAll('\r', ''))?.[1] ?? '';
  return Buffer.from(body, 'base64').subarray(0, UNENCRYPTED.length).equals(UNENCRYPTED);
}
