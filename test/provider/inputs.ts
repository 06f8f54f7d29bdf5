import { firewallRules, reviewFiles } from '../../posture/host-files.ts';
import type { Sequences } from '../../posture/knock/sequence.ts';
import type { Operation } from '../../provider/resource/handler.ts';
import { type PropertyMap, secret } from '../../provider/resource/values.ts';
import { KEY, postureWith, type Raw, SEQUENCES } from '../posture/fixture.ts';

/** What the engine sends for a value that another resource has yet to give. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** An operation that nobody watches. */
export const operation: Operation = {
  report: () => {},
  warn: () => {},
  signal: new AbortController().signal,
  urn: 'urn:pulumi:devnet::postern::postern:index:Hardening::node-1',
};

/** Inputs of a `Hardening` as the engine sends them, its secrets wrapped. */
export function hardeningInputs(sections: Raw = {}, sequences: Sequences = SEQUENCES): PropertyMap {
  const posture = postureWith(sections);
  return {
    posture,
    way: { address: '203.0.113.7', port: 22, user: 'root', hostKeys: [KEY] },
    sequences: secret(sequences),
    rules: firewallRules(posture),
    files: reviewFiles(posture),
    exposure: [],
  };
}
