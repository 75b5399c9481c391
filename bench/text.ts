/** Results as lines of text. */
import type { Driver } from '../tools/browser.ts';
import type { CaseResult, Entry } from './results.ts';
import type { Requirement } from './sections/case.ts';

export interface Verdict {
  readonly passed: boolean;
  /** Such as "tfjs webgl composed 20.1, at least 16 needed". */
  readonly text: string;
}

const COLUMNS = ['case', 'contender', 'median', 'min .. max', 'GPU', 'GFLOP/s', 'ratio', 'error'];
const WIDTHS = [26, 20, 9, 19, 9, 8, 7, 8];

export const header = (): string => line(COLUMNS);

/** A line for each contender. Ratios say how many times the engine's time, or bytes, somebody takes. */
export function rows(result: CaseResult): string {
  return result.entries.map((entry, i) => line([i === 0 ? result.name : '', ...cells(entry, result)])).join('\n');
}

function cells(entry: Entry, result: CaseResult): string[] {
  const { contender, way, timing, once, gpu, first, bytes, predicted, failure, error } = entry;
  const name = way === 'default' ? contender : `${contender} ${way}`;
  if (failure !== undefined) return [name, `not timed: ${failure}`];
  if (predicted !== undefined) return [name, `${duration(predicted)} predicted, not run`];
  const own = entry === result.entries[0];
  const ratio = ratioOf(entry, result)?.toFixed(2) ?? '';
  const last = [own ? '' : ratio, own ? '' : (error?.toExponential(0) ?? '')];
  if (first) return [name, duration(first.total), `load ${duration(first.load)}`, '', '', ...last];
  if (!timing) return [name, bytes === undefined ? '' : megabytes(bytes), '', '', '', ...last];
  const { median, min, max } = timing;
  return [
    name,
    duration(median),
    once ? 'once' : `${min.toFixed(1)} .. ${max.toFixed(1)}`,
    gpu === undefined ? '' : duration(gpu),
    result.flops ? (result.flops / median / 1e6).toFixed(1) : '',
    ...last,
    bytes === undefined ? '' : megabytes(bytes),
  ];
}

const duration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Whether a case meets its requirements on a driver, those that are about contenders who were asked for: all unless told. */
export function verdicts(result: CaseResult, driver: Driver, contenders?: readonly string[]): Verdict[] {
  return result.requirements.flatMap((requirement) => {
    const needed = requirement.ratio[driver];
    const asked = contenders?.includes(requirement.contender) ?? true;
    return asked && needed !== undefined ? [verdict(result, requirement, needed)] : [];
  });
}

function verdict(result: CaseResult, { contender, way }: Requirement, needed: number): Verdict {
  const ratios = result.entries
    .filter((entry) => entry.contender === contender && (way ?? entry.way) === entry.way)
    .flatMap((entry) => ratioOf(entry, result) ?? []);
  const who = [contender, way].filter(Boolean).join(' ');
  if (ratios.length === 0) return { passed: false, text: `${who} not measured, at least ${needed} needed` };
  const ratio = Math.min(...ratios);
  return { passed: ratio >= needed, text: `${who} ${ratio.toFixed(2)}, at least ${needed} needed` };
}

/** How many times the engine's time, or where there is none its bytes, an entry takes. */
export function ratioOf(entry: Entry, { entries }: CaseResult): number | undefined {
  const own = entries[0];
  const amount = (each: Entry): number | undefined => each.timing?.median ?? each.first?.total ?? each.bytes;
  const [mine, theirs] = [amount(own), amount(entry)];
  return mine && theirs && theirs / mine;
}

/** The first two columns are names, the others numbers. */
function line(texts: readonly string[]): string {
  return texts
    .map((text, i) => (i < 2 ? text.padEnd(WIDTHS[i]) : text.padStart(WIDTHS[i] ?? 10)))
    .join('  ')
    .trimEnd();
}
