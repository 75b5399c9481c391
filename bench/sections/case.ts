import type { Driver } from '../../tools/browser.ts';
import type { Contender, Ways } from '../contenders/contender.ts';

/** How many times the engine's own time somebody has to take at least. */
export interface Requirement {
  readonly contender: string;
  /** One of its ways; without it, the fastest. */
  readonly way?: string;
  readonly ratio: Partial<Record<Driver, number>>;
}

/** A task and what is asked of its results. */
export interface Case {
  readonly name: string;
  /** Multiplications and additions of one run, where their number says something. */
  readonly flops?: number;
  readonly requirement?: Requirement;
  /** How a contender does it; undefined when it cannot. */
  ways(contender: Contender): Ways | undefined;
}
