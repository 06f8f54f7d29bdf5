import { z } from 'zod';
import { type ChangeResult, hostOf } from '../../transaction/record/change-result.ts';
import { CommandError } from '../command-line/exit.ts';
import type { Engine } from './engine.ts';

/** A host that the stack configures and that no state has: it was never sealed, or it was restored. */
export interface UnsealedHost {
  readonly name: string;
  /** Null: the configuration does not say it. */
  readonly address: string | null;
  /** What came of the last operation on it from this machine; undefined: there was none. */
  readonly result: ChangeResult | undefined;
}

const Configured = z.looseObject({
  hosts: z
    .array(
      z.looseObject({
        name: z.string(),
        target: z.looseObject({ address: z.string().optional() }).optional(),
      }),
    )
    .default([]),
});

/**
 * The hosts that a stack configures and that were not sealed. Where the configuration can't be read, none are known.
 *
 * @param hosts those that were.
 */
export async function unsealedHosts(
  engine: Engine,
  { stack, hosts }: { readonly stack: string; readonly hosts: readonly { readonly name: string }[] },
): Promise<UnsealedHost[]> {
  const configured = Configured.safeParse(await configurationOf(engine, stack)).data?.hosts ?? [];
  const results = engine.results(stack);
  return configured
    .filter(({ name }) => !hosts.some((host) => host.name === name))
    .map(({ name, target }) => ({
      name,
      address: target?.address ?? null,
      result: results.find((each) => hostOf(each) === name),
    }));
}

async function configurationOf(engine: Engine, stack: string): Promise<unknown> {
  try {
    return await engine.configuration(stack);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
