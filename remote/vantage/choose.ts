import type { Hop } from '../ssh/target.ts';
import type { Vantage } from '../vantage.ts';
import { jumpVantage } from './jump.ts';
import { localVantage } from './local.ts';

/** The vantage for a host that is reached through `jump`, or directly where that is undefined. Opens nothing yet. */
export function vantageBy(jump: Hop | undefined): Vantage {
  return jump === undefined ? localVantage() : jumpVantage(jump);
}

/** Looks from the right vantage for as long as `use` takes. */
export async function withVantage<T>(
  jump: Hop | undefined,
  use: (vantage: Vantage) => Promise<T>,
): Promise<T> {
  const vantage = vantageBy(jump);
  try {
    return await use(vantage);
  } finally {
    await vantage.close();
  }
}
