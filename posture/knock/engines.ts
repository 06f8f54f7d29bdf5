import type { EngineName, KnockEngine } from './engine.ts';
import { fwknop } from './fwknop.ts';
import { kernel } from './kernel/kernel.ts';
import { knockd } from './knockd.ts';

const ENGINES: Readonly<Record<EngineName, KnockEngine>> = { knockd, kernel, fwknop };

/** The engine that a posture names. */
export function engineOf(name: EngineName): KnockEngine {
  return ENGINES[name];
}

/** The engine that somebody names; undefined where there is none of that name, such as one of a later version. */
export function engineNamed(name: string): KnockEngine | undefined {
  return Object.entries(ENGINES).find(([known]) => known === name)?.[1];
}

/** How single packets' keys are to be made: for which UDP port, where that is not left to chance. */
export interface SingleOptions {
  readonly port?: number | undefined;
}

/** That of an engine which takes single packets; undefined where it takes sequences. */
export function singleOptions({
  engine,
  spaPort,
}: {
  readonly engine: string;
  readonly spaPort?: number | undefined;
}): SingleOptions | undefined {
  if (engineNamed(engine)?.secret !== 'packet') return undefined;
  return spaPort === undefined ? {} : { port: spaPort };
}

/** All of them: a change may be one from any to any, and its rollback has to know what each of them touches. */
export function allEngines(): KnockEngine[] {
  return Object.values(ENGINES);
}
