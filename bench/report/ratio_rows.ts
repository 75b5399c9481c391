/** What the plot of ratios shows, from top to bottom, and at what height. */
import type { CaseResult, DeviceResult, Entry } from '../results.ts';
import { amountOf, concerns, nameOf, ratioOf } from './compare.ts';
import { size, time, times } from './numbers.ts';

/** Heights in CSS pixels. */
export const LINE = 19;
const HEAD = 22;
const GAP = 10;

/** A case: its name, and below it the lines of those who are compared. */
export interface Group {
  readonly y: number;
  readonly name: string;
  /** The engine's own time or bytes. */
  readonly own: string;
  /** Of its lines. */
  readonly top: number;
  readonly bottom: number;
}

interface Place {
  /** The line's middle. */
  readonly y: number;
  readonly name: string;
  /** All of it in a sentence. */
  readonly about: string;
}

export interface Bar extends Place {
  readonly contender: string;
  readonly ratio: number;
  /** Of the fastest and of the slowest run. */
  readonly low?: number;
  readonly high?: number;
  /** Time or bytes. */
  readonly value: string;
  readonly predicted: boolean;
  /** What the ratio has to be at least. */
  readonly floor?: number;
  readonly missed: boolean;
}

/** Somebody without a ratio, and why. */
export interface Absent extends Place {
  readonly reason: string;
}

export interface RatioRows {
  readonly groups: readonly Group[];
  readonly bars: readonly Bar[];
  readonly absent: readonly Absent[];
  readonly height: number;
}

export function ratioRows(cases: readonly CaseResult[], { driver }: DeviceResult): RatioRows {
  const groups: Group[] = [];
  const bars: Bar[] = [];
  const absent: Absent[] = [];
  let bottom = 0;
  for (const result of cases) {
    const { name, entries } = result;
    const [own, ...others] = entries;
    const top = bottom + (groups.length > 0 ? GAP : 0) + HEAD;
    bottom = top + others.length * LINE;
    groups.push({ y: top - HEAD / 2, name, own: own.failure ?? textOf(own), top, bottom });
    for (const [i, entry] of others.entries()) {
      const y = top + (i + 0.5) * LINE;
      const ratio = ratioOf(entry, result);
      if (ratio === undefined) {
        const reason = entry.failure ?? (own.failure ? 'nothing to compare with' : 'no number');
        absent.push({ y, name: nameOf(entry), about: `${name}, ${nameOf(entry)}: ${reason}.`, reason });
      } else {
        bars.push(barOf(entry, result, ratio, driver, y));
      }
    }
  }
  return { groups, bars, absent, height: bottom };
}

function barOf(entry: Entry, result: CaseResult, ratio: number, driver: DeviceResult['driver'], y: number): Bar {
  const { contender, timing, once, predicted } = entry;
  const own = amountOf(result.entries[0])!;
  const floors = result.requirements.flatMap((each) => (driver && concerns(each, entry) && each.ratio[driver]) || []);
  const floor = floors.length > 0 ? Math.max(...floors) : undefined;
  const about = [
    `${result.name}, ${nameOf(entry)}: ${times(ratio)} times the engine’s, ${textOf(entry)}`,
    predicted !== undefined && 'predicted and not run',
    once && 'of one run, cold',
    floor !== undefined && `at least ${floor} times needed`,
  ];
  return {
    y,
    name: nameOf(entry),
    about: `${about.filter(Boolean).join(', ')}.`,
    contender,
    ratio,
    low: timing && timing.min / own,
    high: timing && timing.max / own,
    value: textOf(entry),
    predicted: predicted !== undefined,
    floor,
    missed: floor !== undefined && ratio < floor,
  };
}

function textOf(entry: Entry): string {
  const amount = amountOf(entry);
  if (amount === undefined) return '';
  return amount === entry.bytes ? size(amount) : time(amount);
}

/** From below the least to above the greatest ratio of all sections, so that bars compare from plot to plot. */
export function ratioDomain({ sections }: DeviceResult): [number, number] {
  const ratios = sections.flatMap(({ cases }) =>
    cases.flatMap((result) => result.entries.flatMap((entry) => ratioOf(entry, result) ?? [])),
  );
  return [Math.min(0.8, ...ratios) * 0.9, Math.max(4, ...ratios) * 1.05];
}
