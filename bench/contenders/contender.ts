import type { ConvTask, ScanTask } from '../tasks.ts';

/** The output of one run, still on the GPU. */
export interface Output {
  /** Resolves when the run is over, not only issued. The clock stops here. */
  finish(): void | Promise<void>;
  /** The values in row-major NCHW order. Not timed. */
  read(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** A task with its inputs and weights uploaded. */
export interface Job {
  /** Issues one run. */
  run(): Output;
  dispose(): void;
}

/** Jobs by a short name for the way they go, each made when it is asked for. All are measured. */
export type Ways = Readonly<Record<string, () => Job>>;

/** Somebody who computes tasks, those that it can do. */
export interface Contender {
  readonly name: string;
  /** What it is, with its version. */
  readonly about: string;
  conv2d?(task: ConvTask): Ways;
  selectiveScan?(task: ScanTask): Ways;
  dispose(): void;
}
