/** Timing without a page: what runs next to what, how often, and what is told about it. */

/** Something that runs: one call is one run, over when its promise resolves. */
export type Runner<T> = () => Promise<T>;

export interface Timing {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Milliseconds of each run, in the order of the runs. */
  readonly runs: readonly number[];
}

/**
 * Runs all of them in turn, A B A B, so that whatever slows the machine for a while slows them alike. Those with fewer runs than others
 * take them spread over the whole time.
 * @param counts how often each runs
 * @returns what the runs of each returned
 */
export async function interleave<T>(all: readonly Runner<T>[], counts: readonly number[]): Promise<T[][]> {
  const rounds = Math.max(0, ...counts);
  const results = all.map((): T[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < all.length; k++) {
      const due = Math.ceil(((round + 1) * counts[k]) / rounds);
      if (results[k].length < due) results[k].push(await all[k]());
    }
  }
  return results;
}

export function summary(runs: readonly number[]): Timing {
  return { median: median(runs), min: Math.min(...runs), max: Math.max(...runs), runs };
}

/** The middle value; with an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The largest difference over the largest expected magnitude; NaN when the lengths differ or a value is not finite. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const here = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(here)) return Number.NaN;
    difference = Math.max(difference, here);
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
  }
  return difference === 0 ? 0 : difference / magnitude;
}
