import type { MeasuredLimits, ProbeTimes } from '../limits/limits.ts';
import type { Work } from '../results.ts';
import type { Task } from '../tasks.ts';

/** The output of one run. */
export interface Output {
  /** Resolves when the run is over, not only issued. The clock stops here. */
  finish(): void | Promise<void>;
  /** The values in row-major NCHW order. Not timed. */
  read(): ArrayLike<number> | Promise<ArrayLike<number>>;
  dispose(): void;
}

/** A task with its inputs and weights where the contender wants them. */
export interface Job {
  /** Issues one run. */
  run(): Output | Promise<Output>;
  /**
   * Whether a run ends with its values in memory, as a network's does. Then the GPU's clock cannot be stopped before the wait for them, and
   * would tell of the page's work too.
   */
  readonly readsBack?: boolean;
  /** Most bytes of GPU memory since the contender was opened, weights apart; absent where there are none. */
  peakBytes?(): number;
  /** What one run asks of the device, counted without running it; the engine tells. */
  work?(): Promise<Work>;
  dispose(): void;
}

/** Jobs by a short name for the way they go, each made when it is asked for. All are measured. */
export type Ways = Readonly<Record<string, () => Job | Promise<Job>>>;

/** How somebody performs the kinds of tasks that it can do. */
export type Performs = { readonly [K in Task['kind']]?: (task: Extract<Task, { kind: K }>) => Ways };

/** Somebody who computes. */
export interface Contender {
  /** What it is, with its version and settings. */
  readonly about: string;
  /** Of a framebuffer; the engine tells. */
  readonly attachments?: number;
  readonly performs: Performs;
  /** The GPU's own clock, where there is one. */
  readonly timer?: GpuTimer;
  /** Measures what the device can do at most; the engine does, on its own context. */
  limits?(before?: ProbeTimes): Promise<MeasuredLimits>;
}

export interface GpuTimer {
  /** Milliseconds that the GPU took for what is issued in `issue`, once `wait` is over; undefined when it cannot tell. */
  time(issue: () => Promise<void>, wait: () => Promise<void>): Promise<number | undefined>;
}

/** The ways of a contender to perform a task; none when it cannot. */
export function waysOf({ performs }: Contender, task: Task): Ways {
  // A function of the kind takes tasks of the kind.
  const perform = performs[task.kind] as ((task: Task) => Ways) | undefined;
  return perform?.(task) ?? {};
}
