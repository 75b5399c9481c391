/** How often to run what takes how long, and what is too long to run at all. */

/** Milliseconds that the timed runs of one entry may take together, unless even the fewest take more. */
const BUDGET = 2500;
/** Timed runs of what takes less than that, and of what is judged up to the longer time: with more, a default run would not come through all of it. */
const FEWEST = 3;
const JUDGED_UP_TO = 5000;
/** Milliseconds that a burst of runs takes. */
const BURST = 20;
const MOST_IN_A_BURST = 64;
/** What takes longer is timed once; on drivers in software, predicted above this it runs once, above the other not at all. */
const ONCE_ABOVE = 30_000;
const NEVER_ABOVE = 120_000;

/**
 * Timed runs of something that takes about `milliseconds` when it is warm.
 * @param judged whether something is asked of it, so that one run is not enough unless it takes long
 */
export function repeatsFor(milliseconds: number, most: number, judged = false): number {
  const several = milliseconds < BUDGET || (judged && milliseconds <= JUDGED_UP_TO);
  return Math.min(most, Math.max(several ? FEWEST : 1, Math.floor(BUDGET / milliseconds)));
}

/**
 * Whether the run after the first counts, by which it is found out how often somebody runs. Short work is warmed up by it; long work is warm
 * after the first, in which everything was compiled, and each run more is seconds.
 */
export const secondCounts = (milliseconds: number): boolean => milliseconds >= BUDGET;

/**
 * Runs that are issued in a row and waited for once, so that they take some 20 ms: each gets its share of the time. A browser's way to its
 * GPU process and back takes about 1 ms, whoever asks, and would be most of what is told of short work on a GPU.
 */
export function burstFor(milliseconds: number): number {
  return Math.max(1, Math.min(MOST_IN_A_BURST, Math.floor(BURST / milliseconds)));
}

/** Milliseconds without work after which a graphics card may lower its clock, and of work until it is back. */
const AT_REST_AFTER = 50;
const LEAD_IN = 500;

/**
 * How long a graphics card has to work before what it does is timed. An H100 that had nothing to do for two seconds ran at a fifth of its speed
 * for the next 0.4 s.
 * @param idle milliseconds since it had something to do
 * @param milliseconds that one run takes; of a long one it is a small part that is slower
 */
export function leadInAfter(idle: number, milliseconds: number): number {
  return idle > AT_REST_AFTER && milliseconds < 10 * LEAD_IN ? LEAD_IN : 0;
}

/** What to do about something that is predicted to take so long, if it is predicted at all. */
export function verdictOn(predicted: number | undefined): 'run' | 'once' | 'never' {
  if (predicted === undefined || predicted <= ONCE_ABOVE) return 'run';
  return predicted <= NEVER_ABOVE ? 'once' : 'never';
}

/** Predicts times from what the same contender, going the same way, took for other work of the same kind. */
export class Predictor {
  private readonly rates = new Map<string, number>();

  learn(kind: string, contender: string, way: string, flops: number, milliseconds: number): void {
    this.rates.set([kind, contender, way].join('\n'), milliseconds / flops);
  }

  /** Milliseconds; undefined when nothing of the kind was measured. */
  predict(kind: string, contender: string, way: string, flops: number): number | undefined {
    const rate = this.rates.get([kind, contender, way].join('\n'));
    return rate === undefined ? undefined : rate * flops;
  }
}
