import type { Driver } from '../../tools/browser.ts';
import type { Name } from '../contenders/names.ts';
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
  /** Floating-point operations of one run, where their number says something. A case with a kind has it. */
  readonly flops?: number;
  /** Of the output picture, where cases differ by it. */
  readonly pixels?: number;
  /** Side of its square, where cases differ by it. */
  readonly side?: number;
  /** What smaller cases of the same kind took tells what this one will take, in proportion to their flops. */
  readonly kind?: string;
  /** Whether contenders go all their ways on drivers in software too. */
  readonly allWays?: boolean;
  /** Who does it on a driver in software, unless contenders are asked for by name: everybody would take an hour. */
  readonly softwareContenders?: readonly Name[];
  /** Whether it is the engine's alone: others take so much memory that the page would end. */
  readonly alone?: boolean;
  readonly requirements: readonly Requirement[];
  /** The least share of the device's limits that the engine has to reach, on every device whose limits are measured. */
  readonly share?: number;
}

/** The share that is asked for of convolutions and scans. */
export const LEAST_SHARE = 0.6;

export interface Section {
  readonly id: string;
  readonly title: string;
  /**
   * Milliseconds of a run, milliseconds until the first result from nothing, most bytes of GPU memory, times and bytes; or the device's
   * limits, for which there are no cases.
   */
  readonly measures: 'time' | 'first' | 'bytes' | 'time and bytes' | 'limits';
  readonly cases: readonly Case[];
}
