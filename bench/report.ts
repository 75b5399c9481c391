/** Results as text. */
import type { Driver } from '../tools/browser.ts';
import type { CaseResult, Entry } from './results.ts';

export interface Verdict {
  readonly passed: boolean;
  /** Such as "tfjs composed 20.1, at least 16 needed". */
  readonly text: string;
}

const COLUMNS = ['case', 'contender', 'median ms', 'min .. max', 'GFLOP/s', 'ratio', 'error'];
const WIDTHS = [21, 15, 9, 17, 8, 6, 8];

export const header = (): string => line(COLUMNS);

/** A line for each contender. Ratios say how many times the engine's time somebody takes. */
export function rows(result: CaseResult): string {
  return result.entries.map((entry, i) => line([i === 0 ? result.name : '', ...cells(entry, result)])).join('\n');
}

function cells(entry: Entry, result: CaseResult): string[] {
  const { contender, way, timing, failure, error } = entry;
  const name = way === 'default' ? contender : `${contender} ${way}`;
  if (!timing) return [name, `not timed: ${failure}`];
  const { median, min, max } = timing;
  return [
    name,
    median.toFixed(1),
    `${min.toFixed(1)} .. ${max.toFixed(1)}`,
    result.flops ? (result.flops / median / 1e6).toFixed(1) : '',
    ratioOf(entry, result)?.toFixed(2) ?? '',
    entry === result.entries[0] ? '' : (error?.toExponential(0) ?? ''),
  ];
}

/** Whether a case meets its requirement on a driver; undefined where nothing is required. */
export function verdict(result: CaseResult, driver: Driver): Verdict | undefined {
  const { requirement, entries } = result;
  const needed = requirement?.ratio[driver];
  if (!requirement || needed === undefined) return undefined;
  const ratios = entries
    .filter(({ contender, way }) => contender === requirement.contender && (requirement.way ?? way) === way)
    .flatMap((entry) => ratioOf(entry, result) ?? []);
  const who = [requirement.contender, requirement.way].filter(Boolean).join(' ');
  if (ratios.length === 0) return { passed: false, text: `${who} not timed, at least ${needed} needed` };
  const ratio = Math.min(...ratios);
  return { passed: ratio >= needed, text: `${who} ${ratio.toFixed(2)}, at least ${needed} needed` };
}

function ratioOf(entry: Entry, { entries }: CaseResult): number | undefined {
  const own = entries[0].timing;
  return own && entry.timing && entry.timing.median / own.median;
}

/** The first two columns are names, the others numbers. */
function line(texts: readonly string[]): string {
  return texts
    .map((text, i) => (i < 2 ? text.padEnd(WIDTHS[i]) : text.padStart(WIDTHS[i])))
    .join('  ')
    .trimEnd();
}
