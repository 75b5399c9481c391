/** Timing without a page: what runs next to what, how often, and what is told about it. */

/** Something to be timed: one call is one run, over when its promise resolves. Returns the milliseconds that count. */
export type Timed = () => Promise<number>;

export interface Plan {
  /** Runs of each before anything counts: programs are compiled and textures made in them. */
  readonly warmups: number;
  readonly repeats: number;
}

export interface Timing {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Milliseconds of each run, in the order of the runs. */
  readonly runs: readonly number[];
}

/**
 * Runs all of them in turn, A B A B, so that whatever slows the machine for a while slows them alike.
 * Each is warmed up by itself first.
 */
export async function interleave(all: readonly Timed[], { warmups, repeats }: Plan): Promise<Timing[]> {
  for (const timed of all) for (let i = 0; i < warmups; i++) await timed();
  const runs = all.map((): number[] => []);
  for (let i = 0; i < repeats; i++) {
    for (let k = 0; k < all.length; k++) runs[k].push(await all[k]());
  }
  return runs.map(summary);
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
