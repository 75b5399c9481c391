/** What is measured, as it goes from the page to the report and to the JSON file. */
import type { Driver } from '../tools/browser.ts';
import type { Timing } from './measure.ts';
import type { Requirement } from './sections/case.ts';

/** One contender going one way. */
export interface Entry {
  readonly contender: string;
  readonly way: string;
  /** Relative to the first contender's output; 0 for itself. */
  readonly error?: number;
  /** Absent where it failed or its output is wrong. */
  readonly timing?: Timing;
  /** Why there is no timing. */
  readonly failure?: string;
}

export interface CaseResult {
  readonly name: string;
  readonly flops?: number;
  readonly requirement?: Requirement;
  /** The first contender's first entry is the one that all are compared with. */
  readonly entries: readonly Entry[];
}

export interface DriverResult {
  readonly driver: Driver;
  readonly renderer: string;
  /** The browser's version. */
  readonly browser: string;
  /** What the contenders are, by name. */
  readonly contenders: Readonly<Record<string, string>>;
  readonly cases: readonly CaseResult[];
}
