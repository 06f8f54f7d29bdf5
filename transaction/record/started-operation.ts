import type { Operation } from '../facts/facts.ts';

/** An operation on a host as this machine began it: what a mark and a result of it have in common. */
export interface StartedOperation {
  readonly urn: string;
  /** Of the host, when the operation began. */
  readonly address: string;
  readonly operation: Operation;
  /** ISO 8601, by this machine's clock. */
  readonly began: string;
  /** When the host was last sealed (its clock, ISO 8601) as the state had it when the operation began; empty: never. */
  readonly before: string;
}

/** Reads one; undefined: it is something else. */
export function startedFrom(value: Record<string, unknown>): StartedOperation | undefined {
  const { urn, address, operation, began, before } = value;
  if (typeof urn !== 'string' || typeof address !== 'string') return undefined;
  if (typeof began !== 'string' || typeof before !== 'string') return undefined;
  if (operation !== 'harden' && operation !== 'restore') return undefined;
  return { urn, address, operation, began, before };
}

/** The command that asks for an operation, for a sentence. */
export function commandOf(operation: Operation): string {
  return operation === 'restore' ? 'a `destroy`' : 'an `up`';
}
