import type { Driver } from '../../tools/browser.ts';
import type { Task } from '../tasks.ts';

/** How many times the engine's own time somebody has to take at least. */
export interface Requirement {
  readonly contender: string;
  /** One of its ways; without it, the fastest. */
  readonly way?: string;
  readonly ratio: Partial<Record<Driver, number>>;
}

/** A task and what is asked of its results. */
export interface Case {
  /** Tells it from all others. */
  readonly name: string;
  /** The same values each time, made anew: page and workers each make their own. */
  task(): Task;
  /** Floating-point operations of one run, where their number says something. */
  readonly flops?: number;
  /** Of the output picture, where cases differ by it. */
  readonly pixels?: number;
  /** Side of its square, where cases differ by it. */
  readonly side?: number;
  /** From how long a smaller case of this kind took it is predicted how long this one takes, in proportion to the work. */
  readonly growth?: { readonly kind: string; readonly work: number };
  readonly requirements: readonly Requirement[];
}

export interface Section {
  readonly id: string;
  readonly title: string;
  /**
   * Milliseconds of a run, milliseconds until the first result from nothing, most bytes of GPU memory, or times and bytes.
   * Contenders start anew for each case but in sections that measure time alone.
   */
  readonly measures: 'time' | 'first' | 'bytes' | 'time and bytes';
  readonly cases: readonly Case[];
}
