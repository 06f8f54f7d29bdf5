import { z } from 'zod';

/**
 * The public key types a hardened sshd accepts for users (ssh-audit's hardening guides); ECDSA is left out there, so
 * a posture with nothing but ECDSA keys would lock its owner out and is refused here.
 */
export const KEY_TYPES = ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ssh-rsa'] as const;

const LINE = /^([a-z0-9@.-]+) ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)(?: (.*))?$/;

/** What the end of a line may say; it means nothing to sshd. */
const COMMENT = /^[A-Za-z0-9@._+:/, -]{1,200}$/;

/** The smallest RSA key that passes: RequiredRSASize of the posture's sshd, in bits (ssh-audit, BSI TR-02102-4). */
export const SMALLEST_RSA_BITS = 3072;

/** What is accepted: key types, and the smallest RSA key in bits. */
interface Accepted {
  readonly types: readonly string[];
  readonly rsaBits: number;
}

/** Keys that a hardened sshd lets users in with. */
const USER_KEYS: Accepted = { types: KEY_TYPES, rsaBits: SMALLEST_RSA_BITS };

/** Keys that a host may have before it is hardened: whatever OpenSSH still makes. */
const HOST_KEYS: Accepted = {
  types: ['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  rsaBits: 2048,
};

/** Why a line is not an acceptable public key, or nothing when it is one. */
export function refusalOfPublicKey(line: string, accepted: Accepted = USER_KEYS): string | undefined {
  const parts = LINE.exec(line);
  const type = parts?.[1];
  const blob = parts?.[2];
  if (type === undefined || blob === undefined) {
    return 'must be one line "type base64 comment" without options, as in a .pub file';
  }
  const comment = parts?.[3];
  if (comment !== undefined && !COMMENT.test(comment)) {
    return 'has a comment with other characters than letters, digits, spaces and @ . _ + : / , - (at most 200); shorten or leave it out';
  }
  if (!accepted.types.includes(type)) return `must be one of ${accepted.types.join(', ')}`;
  const bytes = Uint8Array.from(atob(blob), (character) => character.charCodeAt(0));
  const fields = wireStrings(bytes);
  const named = fields?.[0] === undefined ? '' : new TextDecoder().decode(fields[0]);
  if (fields === undefined || named !== type)
    return `is not a key of the type it names (${type}); copy the .pub file again`;
  // The key of the Ed25519 types is 32 bytes (RFC 8709); the others have parts of several lengths.
  if (type.includes('ed25519') && fields[1]?.length !== 32) {
    return 'is cut short or damaged; copy the .pub file again';
  }
  if (type === 'ssh-rsa' && bitsOf(fields[2]) < accepted.rsaBits) {
    return `is an RSA key of ${bitsOf(fields[2])} bits; at least ${accepted.rsaBits} are needed, better an ed25519 key`;
  }
  return undefined;
}

/** The length-prefixed strings of an SSH key blob (RFC 4251 section 5), or nothing when it is cut short. */
function wireStrings(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer);
  const fields: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function bitsOf(modulus: Uint8Array | undefined): number {
  const significant = modulus?.[0] === 0 ? modulus.subarray(1) : modulus;
  const first = significant?.[0];
  if (significant === undefined || first === undefined) return 0;
  return significant.length * 8 - Math.clz32(first) + 24;
}

/** One line of an authorized_keys file: type and key, with an optional comment, without options. */
export const PublicKey = keyLine(USER_KEYS).meta({ title: 'public key' });

/** A host's public key: type and key, with an optional comment. */
export const HostKey = keyLine(HOST_KEYS).meta({ title: 'host key' });

function keyLine(accepted: Accepted) {
  return z.string().superRefine((line, context) => {
    const refusal = refusalOfPublicKey(line, accepted);
    if (refusal !== undefined) context.addIssue({ code: 'custom', message: refusal });
  });
}
