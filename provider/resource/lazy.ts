import type { Handler } from './handler.ts';

/**
 * A handler whose code is loaded when it is first needed. Most runs of a stack change nothing, and what changes a host
 * takes longer to load than such a run takes.
 *
 * @param light what is there at once.
 */
export function lazy(load: () => Promise<Handler | LazyHandler>, light: Partial<Handler> = {}): Handler {
  const heavy = async () => ({ ...(await load()), ...light }) as Handler;
  return {
    check: async (...args) => (await heavy()).check(...args),
    diff: async (...args) => (await heavy()).diff(...args),
    create: async (...args) => (await heavy()).create(...args),
    read: async (...args) => (await heavy()).read(...args),
    update: async (...args) => (await heavy()).update(...args),
    delete: async (...args) => (await heavy()).delete(...args),
    ...light,
  };
}

/** What is left of a handler that judges and compares by itself. */
export type LazyHandler = Omit<Handler, 'check' | 'diff'>;
