/** Results as a table of texts: for the terminal, for Markdown, and for the page. */
import { markdownTable } from 'markdown-table';
import type { CaseResult, DeviceResult, Entry, Limits, Report } from '../results.ts';
import { nameOf, ratioOf } from './compare.ts';
import { limitLines } from './limits.ts';
import { digits, percent, quantity, size, time, times } from './numbers.ts';
import { engineShare } from './share.ts';

/** Widths are those in the terminal. */
export const COLUMNS = [
  { key: 'name', title: 'case', width: 26, number: false },
  { key: 'contender', title: 'contender', width: 20, number: false },
  { key: 'median', title: 'median', width: 9, number: true },
  { key: 'spread', title: 'min .. max', width: 19, number: true },
  { key: 'ratio', title: 'ratio', width: 6, number: true },
  { key: 'error', title: 'error', width: 6, number: true },
  { key: 'rate', title: 'FLOP/s', width: 7, number: true },
  { key: 'gpu', title: 'GPU time', width: 9, number: true },
  { key: 'share', title: 'share', width: 6, number: true },
  { key: 'memory', title: 'memory', width: 8, number: true },
  { key: 'perPixel', title: 'a pixel', width: 8, number: true },
] as const;

export type Column = (typeof COLUMNS)[number];

/** Texts by column; what is not there is empty. */
export interface Row extends Readonly<Record<Column['key'], string>> {
  /** Why there is no number; the columns of numbers are empty then. */
  readonly failure?: string;
}

/**
 * A row for each entry. The case's name is in the first. Ratios say how many times the engine's time, or bytes, somebody takes; the share
 * is the engine's of the device's limits, of its fastest run.
 */
export function rowsOf(result: CaseResult, limits?: Limits): Row[] {
  const { name, flops, pixels, entries } = result;
  return entries.map((entry, i) => {
    const { timing, gpu, error, bytes, failure } = entry;
    const own = i === 0;
    const ratio = own ? undefined : ratioOf(entry, result);
    const share = own ? engineShare(result, limits) : undefined;
    return {
      name: own ? name : '',
      contender: nameOf(entry),
      ...timeOf(entry),
      ratio: text(ratio, times),
      error: own ? '' : text(error, (value) => value.toExponential(0)),
      rate: text(flops && timing && (flops / timing.median) * 1e3, (rate) => quantity(rate)),
      gpu: text(gpu?.median, time),
      share: text(share, percent),
      memory: text(bytes, size),
      perPixel: text(bytes && pixels && bytes / pixels, size),
      failure,
    };
  });
}

function timeOf({ timing, once, first, predicted }: Entry): Pick<Row, 'median' | 'spread'> {
  if (timing)
    return {
      median: time(timing.median),
      spread: once ? 'once, cold' : `${digits(timing.min)} .. ${digits(timing.max)}`,
    };
  if (first) return { median: time(first.total), spread: `load ${time(first.load)}` };
  if (predicted !== undefined) return { median: time(predicted), spread: 'predicted, not run' };
  return { median: '', spread: '' };
}

function text(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '' : format(value);
}

export const textHeader = (): string => line(COLUMNS.map(({ title }) => title));

/** Lines for the terminal; columns stand below each other from case to case. */
export function textOf(result: CaseResult, limits?: Limits): string {
  return rowsOf(result, limits)
    .map((row) =>
      row.failure === undefined
        ? line(COLUMNS.map(({ key }) => row[key]))
        : `${line([row.name, row.contender])}  not timed: ${row.failure}`,
    )
    .join('\n');
}

function line(texts: readonly string[]): string {
  return texts
    .map((text, i) => {
      const { width, number } = COLUMNS[i];
      return number ? text.padStart(width) : text.padEnd(width);
    })
    .join('  ')
    .trimEnd();
}

/** All of a report as Markdown: a heading for each device, a table for each section. */
export function markdownOf(report: Report): string {
  return `${report.devices.map((device) => deviceMarkdown(device, report)).join('\n\n')}\n`;
}

function deviceMarkdown(device: DeviceResult, { cores, date }: Report): string {
  const { renderer, browser, contenders, sections, limits } = device;
  const about = Object.entries(contenders).map(([name, text]) => `- ${escaped(name)}: ${escaped(text)}`);
  return [
    `## ${titleOf(device)}`,
    `${escaped(renderer)}, ${escaped(browser)}, ${cores} logical processors, ${date.slice(0, 10)}`,
    about.join('\n'),
    limitsMarkdown(device),
    ...sections
      .filter(({ cases }) => cases.length > 0)
      .flatMap(({ title, cases }) => [`### ${escaped(title)}`, tableMarkdown(cases, limits)]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** In a sentence; empty where they were not asked for. */
function limitsMarkdown(device: DeviceResult): string {
  const texts = limitLines(device).map(([name, text]) => `${escaped(name)} ${escaped(text)}`);
  return texts.length > 0 ? `Limits: ${texts.join('; ')}.` : '';
}

function tableMarkdown(cases: readonly CaseResult[], limits?: Limits): string {
  const rows = cases.flatMap((result) => rowsOf(result, limits));
  const columns = columnsIn(rows);
  const cells = rows.map((row) => {
    // The reason stands where the first number would.
    const shown: Row = row.failure === undefined ? row : { ...row, median: `not timed: ${row.failure}` };
    return columns.map(({ key }) => escaped(shown[key]));
  });
  return markdownTable([columns.map(({ title }) => title), ...cells], {
    align: columns.map(({ number }) => (number ? 'right' : 'left')),
  });
}

/** The columns in which there is something, and that of times, where failures are told too. */
export function columnsIn(rows: readonly Row[]): Column[] {
  return COLUMNS.filter(({ key }) => key === 'median' || rows.some((row) => row[key] !== ''));
}

const TITLES = { swiftshader: 'SwiftShader', llvmpipe: 'llvmpipe', gpu: 'GPU' } as const;

export function titleOf({ driver }: DeviceResult): string {
  return driver ? TITLES[driver] : 'This device';
}

/** What would mean something in Markdown is written so that it does not. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[|\\`*_<[\]]/g, '\\$&');
}
