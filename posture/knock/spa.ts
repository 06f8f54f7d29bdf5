import { type RandomInt, randomPort } from './generate.ts';
import type { Sequence, Sequences, SpaKeys } from './sequence.ts';

/** 32 bytes in base64, the longest key that fwknop's Rijndael takes. */
export const SPA_KEY = /^[A-Za-z0-9+/]{43}=$/;

/** What single packets have to be made for. */
export interface SpaOptions {
  /** UDP port; undefined: a random one. */
  readonly port: number | undefined;
  /** Also make keys for a closing packet. */
  readonly close: boolean;
  /** Ports that are served and not sent to. */
  readonly avoid: readonly number[];
}

/**
 * New secret keys: a sequence of one packet that opens and one that closes, each with keys of its own, so that neither is
 * ever taken for the other.
 */
export function generateSpa({ port, close, avoid }: SpaOptions, random: RandomInt): Sequences {
  const at = port ?? freePort(avoid, random);
  const one = (): Sequence => [{ port: at, protocol: 'udp', spa: freshKeys(random) }];
  return { open: one(), close: close ? one() : null };
}

/** Keys that open nothing anywhere, or the first of a host's. */
export function freshKeys(random: RandomInt): SpaKeys {
  return { key: randomKey(random), hmacKey: randomKey(random) };
}

function randomKey(random: RandomInt): string {
  return btoa(String.fromCharCode(...Array.from({ length: 32 }, () => random(256))));
}

function freePort(avoid: readonly number[], random: RandomInt): number {
  for (;;) {
    const port = randomPort(random);
    if (!avoid.includes(port)) return port;
  }
}
