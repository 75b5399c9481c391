/** Which cases of a section are the same thing at several sizes, told by their names, and what was measured at each size. */

import type { CaseResult, Entry, SectionResult } from '../results.ts';
import { nameOf } from './compare.ts';

/** From so many sizes on there is a line to see. */
const LEAST = 3;

export interface Growth {
  /** What the cases have in common, such as "bundled derain" or "scan 48 channels". */
  readonly name: string;
  readonly over: 'pixels' | 'channels';
  /** By size, from the smallest on. */
  readonly cases: readonly { readonly size: number; readonly result: CaseResult }[];
}

export interface Point {
  readonly size: number;
  readonly value: number;
  readonly predicted: boolean;
}

export interface Series {
  readonly contender: string;
  readonly name: string;
  readonly points: readonly Point[];
}

const SIDES = /,?\s*\b\d+\s?[x×]\s?\d+\b(?! ?conv)/;
const CHANNELS = /,?\s*\b(\d+) channels\b/;

export function growthsIn({ cases }: SectionResult): Growth[] {
  return [
    ...group(cases, 'pixels', SIDES, ({ pixels }) => pixels),
    ...group(cases, 'channels', CHANNELS, ({ name }) => {
      const match = CHANNELS.exec(name);
      return match ? Number(match[1]) : undefined;
    }),
  ];
}

function group(
  cases: readonly CaseResult[],
  over: Growth['over'],
  pattern: RegExp,
  sizeOf: (result: CaseResult) => number | undefined,
): Growth[] {
  const groups = new Map<string, { size: number; result: CaseResult }[]>();
  for (const result of cases) {
    const size = sizeOf(result);
    if (size === undefined) continue;
    const name = result.name.replace(pattern, '').trim();
    groups.set(name, [...(groups.get(name) ?? []), { size, result }]);
  }
  return [...groups]
    .filter(([, members]) => new Set(members.map(({ size }) => size)).size >= LEAST)
    .map(([name, members]) => ({ name, over, cases: members.sort((a, b) => a.size - b.size) }));
}

/** A line for each contender that has at least one number. */
export function seriesOf({ cases }: Growth, amountOf: (entry: Entry) => number | undefined): Series[] {
  const series = new Map<string, { contender: string; points: Point[] }>();
  for (const { size, result } of cases) {
    for (const entry of result.entries) {
      const value = amountOf(entry);
      if (value === undefined) continue;
      const name = nameOf(entry);
      const line = series.get(name) ?? { contender: entry.contender, points: [] };
      line.points.push({ size, value, predicted: entry.predicted !== undefined });
      series.set(name, line);
    }
  }
  return [...series].map(([name, line]) => ({ name, ...line }));
}
