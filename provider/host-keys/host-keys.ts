import { generateKeyPair, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { HostName } from '../../posture/schema/text.ts';
import { problemsOf } from '../../posture/validate/problem.ts';
import type { NewHostKeys } from '../../transaction/job.ts';
import type { Handler } from '../resource/handler.ts';
import { hasUnknown, type PropertyMap, secret, unwrap } from '../resource/values.ts';
import { type OpenSshKey, opensshKey } from './openssh-key.ts';

/** Inputs of `HostKeys`: the host that is to be born with them. */
export const HostKeysInputs = z.strictObject({ host: HostName });

const generate = promisify(generateKeyPair);

async function newKey(type: 'ed25519' | 'rsa'): Promise<OpenSshKey> {
  const pair =
    type === 'ed25519' ? await generate('ed25519') : await generate('rsa', { modulusLength: 4096 });
  return opensshKey(pair.privateKey, randomInt(2 ** 32));
}

/** Fresh host keys: ed25519, and RSA of 4096 bits, which takes a processor some seconds. */
export async function makeHostKeys(): Promise<NewHostKeys> {
  const [ed25519, rsa] = await Promise.all([newKey('ed25519'), newKey('rsa')]);
  return {
    publicKeys: [ed25519.publicKey, rsa.publicKey],
    ed25519: ed25519.privateKey,
    rsa: rsa.privateKey,
  };
}

/**
 * Host keys that are made and recorded before the host has them: those of a host that does not exist yet, whose very first
 * connection can be pinned so, and those that a hardening is to bring (`ssh.hostKeyGeneration`), a resource for each
 * generation. Made once; other keys are another resource.
 */
export const hostKeys: Handler = {
  async check(_olds, news) {
    if (hasUnknown(news)) return { inputs: news };
    const parsed = HostKeysInputs.safeParse(unwrap(news));
    return { inputs: news, failures: parsed.success ? [] : problemsOf(parsed.error) };
  },

  async diff() {
    return { changes: false };
  },

  async create(inputs, { report }) {
    const { host } = HostKeysInputs.parse(unwrap(inputs));
    report('making host keys');
    const [{ publicKeys, ed25519, rsa }, unheld] = await Promise.all([makeHostKeys(), newKey('ed25519')]);
    const outs: PropertyMap = {
      host,
      publicKeys,
      ed25519: secret(ed25519),
      rsa: secret(rsa),
      // Its private half ends here.
      unheldKey: unheld.publicKey,
    };
    return { id: host, outs };
  },

  async read(id, props) {
    return { id, props };
  },

  async update(olds) {
    return { outs: olds };
  },

  async delete() {},
};
