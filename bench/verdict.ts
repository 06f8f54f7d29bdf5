import { BUSY } from './quiet.ts';
import { type Action, type Sample, type Subject, series } from './sample.ts';
import { type Ratio, ratio } from './statistics.ts';

/** Most memory that the plugin may hold at many hosts, in MB of 10^6 bytes. */
export const MEMORY_LIMIT = 150;

/** What Postern is to keep to, as a multiple of what it is measured against. */
interface Target {
  readonly action: Action;
  readonly hosts: number;
  readonly against: Subject;
  readonly limit: number;
}

function targets(many: number): Target[] {
  return [
    { action: 'harden', hosts: 1, against: 'script', limit: 2.5 },
    { action: 'harden', hosts: many, against: 'script', limit: 1.5 },
    { action: 'up, nothing to change', hosts: 1, against: 'empty program', limit: 1.5 },
    { action: 'preview, nothing to change', hosts: 1, against: 'empty program', limit: 1.5 },
    { action: 'up, nothing to change', hosts: many, against: 'empty program', limit: 1.5 },
    { action: 'preview, nothing to change', hosts: many, against: 'empty program', limit: 1.5 },
  ];
}

/** One target and how Postern stands to it. */
export interface Verdict extends Target {
  readonly ratio: Ratio;
  /** `unclaimed`: the machine had other work, so the figures stand for nothing. */
  readonly result: 'met' | 'missed' | 'unclaimed';
}

/** Holds what was measured against the targets; targets for which nothing was measured are left out. */
export function verdicts(samples: readonly Sample[], many: number): Verdict[] {
  const quiet = wasQuiet(samples);
  return targets(many).flatMap((target) => {
    const own = series(samples, 'Postern', target.action, target.hosts);
    const found = ratio(own, series(samples, target.against, target.action, target.hosts));
    if (found === undefined) return [];
    const kept = found.median <= target.limit ? 'met' : 'missed';
    return [{ ...target, ratio: found, result: quiet ? kept : 'unclaimed' }];
  });
}

/** Nothing else was running on the machine before any run. */
export function wasQuiet(samples: readonly Sample[]): boolean {
  return samples.every(({ busy }) => busy <= BUSY);
}
