import type { Sequences } from '../../posture/knock/sequence.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import type { Vantage } from '../../remote/vantage.ts';

/** A host as seen from outside over one address family: what every check needs. */
export interface View {
  readonly family: 4 | 6;
  /** IP literal. */
  readonly address: string;
  /** The host hears knocks over this family; where it does not, its front door stays shut over it. */
  readonly hears: boolean;
  /** Where it is looked at from. */
  readonly vantage: Vantage;
  readonly posture: Posture;
  readonly sequences: Sequences;
  /** Milliseconds of a round trip, where one was measured. */
  readonly roundTrip: number | undefined;
  /** Milliseconds of silence after which a port counts as closed. */
  readonly silenceTimeout: number;
  /** The same for a port that answered a moment ago, and is looked at once more when the host is sealed. */
  readonly recheckTimeout: number;
  /** How many times longer than usual the host takes for what it does; at least 1. */
  readonly slowness: number;
  /** Milliseconds between two knocks of the first try. */
  readonly gap: number;
  /** Sends knocks one after another for all families: knockd forgets an attempt when another source's fails beside it. */
  readonly serialize: <T>(send: () => Promise<T>) => Promise<T>;
  /** The address that probes come from; empty when it is not known. */
  readonly source: string;
  /** Firewall rules of the host's own that the change keeps. */
  readonly foreignRules: readonly string[];
  /** Ports (TCP) that have to be silent besides the front door. */
  readonly closed: readonly number[];
}

/** Runs what it is given one after another, in the order given. */
export function serializer(): View['serialize'] {
  let last: Promise<unknown> = Promise.resolve();
  return (send) => {
    const next = last.then(send, send);
    last = next;
    return next;
  };
}
