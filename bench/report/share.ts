/** The least time that a device needs for some work, and what share of a measured time that is. */
import type { CaseResult, Entry, Limits, Work } from '../results.ts';

/** Seconds that each kind of work would take if there were nothing else to do. */
export interface Parts {
  readonly arithmetic: number;
  readonly exponentials: number;
  readonly fetches: number;
  readonly writes: number;
  readonly draws: number;
}

export function partsOf(work: Work, limits: Limits): Parts {
  return {
    arithmetic: work.multiplyAdds / limits.multiplyAdds,
    exponentials: work.exponentials / limits.exponentials,
    fetches: work.fetches / limits.fetches,
    writes: work.writes / limits.writes,
    draws: work.draws * limits.draw,
  };
}

/** Seconds: the sum of all parts, or where they overlap the longest of them. */
export function leastTime(work: Work, limits: Limits): number {
  const parts = Object.values(partsOf(work, limits)) as number[];
  return limits.overlap ? Math.max(...parts) : parts.reduce((sum, part) => sum + part, 0);
}

/** What share of its limit work reaches that takes so many milliseconds: 1 is as fast as can be. */
export function shareOf(work: Work, limits: Limits, milliseconds: number): number {
  return (leastTime(work, limits) * 1e3) / milliseconds;
}

/**
 * The milliseconds by which a share is told: of the fastest run, as limits are of theirs, since whatever else happens on a machine only adds
 * time; by the GPU's own clock where it has one. Undefined where there are none.
 */
export function bestTime({ gpu, timing }: Entry): number | undefined {
  return (gpu ?? timing)?.min;
}

/** What share of its limit the engine reaches in a case. Undefined where limits, work or time is not known. */
export function engineShare({ work, entries: [own] }: CaseResult, limits: Limits | undefined): number | undefined {
  const milliseconds = own && bestTime(own);
  return work && limits && milliseconds ? shareOf(work, limits, milliseconds) : undefined;
}
