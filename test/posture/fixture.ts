import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomInt } from '../../posture/knock/generate.ts';
import type { Sequence, Sequences } from '../../posture/knock/sequence.ts';
import { type ReadStack, readStack } from '../../posture/read-stack.ts';
import type { ResolvedHost } from '../../posture/resolve.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import type { SshdKnowledge } from '../../posture/sshd/algorithms.ts';
import { ConfigurationError, type Problem } from '../../posture/validate/problem.ts';

/** A real public key whose private half nobody has. */
export const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5pTGSoZHvq7zGxqHCPqF0+8kpcdPj0pdtKTd7oYKJ7 operator';

/** A configuration as an operator writes it, raw. */
export type Raw = Record<string, unknown>;

/** The smallest configuration that is accepted, with more of it laid over. */
export function stackWith(sections: Raw = {}): Raw {
  return { network: 'devnet', hosts: [{ name: 'node-1' }], admin: { authorizedKeys: [KEY] }, ...sections };
}

function noFile(path: string): string {
  throw new Error(`no such file: ${path}`);
}

/** Reads {@link stackWith}; throws when it is refused. */
export function read(sections: Raw = {}, readKeyFile: (path: string) => string = noFile): ReadStack {
  return readStack(stackWith(sections), 'The configuration', readKeyFile);
}

/** The first host of {@link read}. */
export function hostWith(sections: Raw = {}): ResolvedHost {
  const host = read(sections).hosts[0];
  if (host === undefined) throw new Error('no host');
  return host;
}

/** The posture of {@link hostWith}. */
export function postureWith(sections: Raw = {}): Posture {
  return hostWith(sections).posture;
}

/** Why {@link stackWith} is refused; empty when it is accepted. */
export function problems(
  sections: Raw = {},
  readKeyFile: (path: string) => string = noFile,
): readonly Problem[] {
  return problemsOfRaw(stackWith(sections), readKeyFile);
}

/** Why a whole raw configuration is refused; empty when it is accepted. */
export function problemsOfRaw(
  raw: unknown,
  readKeyFile: (path: string) => string = noFile,
): readonly Problem[] {
  try {
    readStack(raw, 'The configuration', readKeyFile);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

/** The property paths of {@link problems}. */
export function refusedAt(sections: Raw = {}): string[] {
  return problems(sections).map(({ property }) => property);
}

/** Random whole numbers that are the same in every run (mulberry32). */
export function seeded(seed: number): RandomInt {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** `tcp(7123, 8321)`: knocks of one protocol. */
export function tcp(...ports: number[]): Sequence {
  return ports.map((port) => ({ port, protocol: 'tcp' }));
}

/** Sequences that nothing is wrong with. */
export const SEQUENCES: Sequences = {
  open: [
    { port: 17_123, protocol: 'tcp' },
    { port: 9321, protocol: 'udp' },
    { port: 28_456, protocol: 'tcp' },
    { port: 11_789, protocol: 'udp' },
  ],
  close: [
    { port: 23_001, protocol: 'udp' },
    { port: 8404, protocol: 'tcp' },
    { port: 30_777, protocol: 'udp' },
  ],
};

/** What OpenSSH of each Debian says it knows, recorded on a fresh VPS. */
export const DEBIAN_11 = knowledge('openssh-8.4-debian-11.json');
export const DEBIAN_12 = knowledge('openssh-9.2-debian-12.json');
export const DEBIAN_13 = knowledge('openssh-10.0-debian-13.json');

function knowledge(name: string): SshdKnowledge {
  return (JSON.parse(fact(name)) as { knowledge: SshdKnowledge }).knowledge;
}

/** A recorded answer of a host. */
export function fact(name: string): string {
  return readFileSync(join(import.meta.dirname, 'facts', name), 'utf8');
}

/** Path of an expected file, for `toMatchFileSnapshot`. */
export function golden(name: string): string {
  return join(import.meta.dirname, 'golden', name);
}
