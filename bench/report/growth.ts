/** Lines: how time and memory grow with the size of what is computed. */
import * as Plot from '@observablehq/plot';
import type { SectionResult } from '../results.ts';
import { element } from './element.ts';
import { figure } from './figure.ts';
import { type Growth, growthsIn, type Series, seriesOf } from './growth_series.ts';
import { digits, plain, quantity } from './numbers.ts';
import { logTicks } from './ticks.ts';

/** The greatest that the engine's time per pixel may be, over its least. */
const FLAT = 1.2;
/** Of the scale of values, greatest over least. */
const SPAN = 6;
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'] as const;

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
  /** Whether values are for one pixel, so that a level line is what is hoped for. */
  readonly level: boolean;
}

/** Plots of all that comes in several sizes in a section. */
export function growthFigures(section: SectionResult, colourOf: (contender: string) => string): HTMLElement[] {
  return growthsIn(section).flatMap((growth) =>
    measuresOf(growth, section.id === 'growth')
      .filter(({ series }) => series.some(({ points }) => points.length > 1))
      .map((measure) => growthFigure(growth, measure, colourOf)),
  );
}

function measuresOf(growth: Growth, perPixel: boolean): Measure[] {
  const each = perPixel ? 'per pixel' : `over ${growth.over === 'pixels' ? 'the length' : 'channels'}`;
  const scaled = (series: Series[], unit: number): Series[] =>
    series.map((line) => ({
      ...line,
      points: line.points.map((point) => ({ ...point, value: (point.value * unit) / (perPixel ? point.size : 1) })),
    }));
  return [
    {
      title: `${growth.name}: time ${each}`,
      unit: perPixel ? 'µs a pixel' : 'ms',
      series: scaled(
        seriesOf(growth, ({ timing, predicted }) => timing?.median ?? predicted),
        perPixel ? 1e3 : 1,
      ),
      level: perPixel,
    },
    {
      title: `${growth.name}: memory ${each}`,
      unit: perPixel ? 'KB a pixel' : 'MB',
      series: scaled(
        seriesOf(growth, ({ bytes }) => bytes),
        perPixel ? 1e-3 : 1e-6,
      ),
      level: perPixel,
    },
  ];
}

function growthFigure(growth: Growth, measure: Measure, colourOf: (contender: string) => string): HTMLElement {
  const { title, unit, series, level } = measure;
  const sizes = growth.cases.map(({ size }) => size);
  const values = series.flatMap(({ points }) => points.map(({ value }) => value));
  const range = spanned(padded(values, 1.25));
  const points = series.flatMap(({ contender, name, points }, i) =>
    points.map((point) => ({ ...point, name, symbol: SYMBOLS[i % SYMBOLS.length], colour: colourOf(contender) })),
  );
  const own = series.find(({ contender }) => contender === growth.cases[0].result.entries[0].contender);
  const least = own && Math.min(...own.points.map(({ value }) => value));
  const most = own && Math.max(...own.points.map(({ value }) => value));
  return figure({
    title,
    description: series.map((line) => describe(line, unit, growth)).join(' '),
    caption: [
      level && least && most
        ? `The engine’s greatest value is ${digits(most / least)} times its least; the band is ${FLAT} times wide.`
        : 'Both scales are logarithmic.',
      points.some(({ predicted }) => predicted) && 'Hollow: predicted, not run.',
    ]
      .filter(Boolean)
      .join(' '),
    legend: legend(series, colourOf),
    draw: (width) => ({
      height: Math.round(Math.min(300, Math.max(220, width * 0.45))),
      marginLeft: 46,
      marginRight: 18,
      marginTop: 26,
      marginBottom: 40,
      style: { fontSize: '12px' },
      x: {
        type: 'log',
        domain: padded(sizes, 1.12),
        label: growth.over === 'pixels' ? 'pixels →' : 'channels →',
        labelAnchor: 'right',
      },
      y: { type: 'log', domain: range, label: `↑ ${unit}` },
      symbol: { type: 'identity' },
      marks: [
        Plot.gridY(logTicks(range), { stroke: 'var(--line)', strokeOpacity: 1 }),
        Plot.axisY(logTicks(range), { text: plain, tickSize: 0, label: `↑ ${unit}`, labelAnchor: 'top' }),
        Plot.axisX(apart(sizes, (width - 64) / Math.log2(sizes.at(-1)! / sizes[0])), {
          text: (size: number) => sizeText(size, growth.over),
          tickSize: 4,
          label: growth.over === 'pixels' ? 'pixels →' : 'channels →',
        }),
        level && least
          ? Plot.rect([0], { y1: [least], y2: [FLAT * least], fill: 'var(--accent)', fillOpacity: 0.16 })
          : null,
        Plot.line(points, { x: 'size', y: 'value', z: 'name', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(points, {
          x: 'size',
          y: 'value',
          symbol: 'symbol',
          r: 4,
          fill: ({ predicted, colour }: (typeof points)[number]) => (predicted ? 'var(--panel)' : colour),
          stroke: 'colour',
          strokeWidth: 1.5,
          title: ({ name, size, value, predicted }: (typeof points)[number]) =>
            `${name}, ${sizeText(size, growth.over)}: ${digits(value)} ${unit}${predicted ? ', predicted' : ''}`,
        }),
      ],
    }),
  });
}

function legend(series: readonly Series[], colourOf: (contender: string) => string): HTMLElement {
  const items = series.map(({ contender, name }, i) => {
    const symbol = Plot.plot({
      width: 14,
      height: 14,
      margin: 0,
      axis: null,
      x: { domain: [0, 1] },
      y: { domain: [0, 1] },
      marks: [Plot.dot([0], { x: 0.5, y: 0.5, r: 4, symbol: SYMBOLS[i % SYMBOLS.length], fill: colourOf(contender) })],
    });
    symbol.setAttribute('aria-hidden', 'true');
    return element('li', {}, symbol, name);
  });
  return element('ul', { class: 'legend' }, ...items);
}

function describe({ name, points }: Series, unit: string, { over }: Growth): string {
  const list = points.map(
    ({ size, value, predicted }) => `${digits(value)}${predicted ? ' (predicted)' : ''} at ${sizeText(size, over)}`,
  );
  return `${name}, ${unit}: ${list.join(', ')}.`;
}

/** A square's side tells more than its number of pixels. */
function sizeText(size: number, over: Growth['over']): string {
  const side = Math.sqrt(size);
  return over === 'pixels' && Number.isInteger(side) ? `${side}²` : quantity(size, plain);
}

/** Of sizes those that have room for their text, the last among them. */
function apart(sizes: readonly number[], pixelsPerOctave: number): number[] {
  const kept: number[] = [];
  for (const size of [...new Set(sizes)].reverse()) {
    if (kept.length === 0 || Math.log2(kept[0] / size) * pixelsPerOctave > 38) kept.unshift(size);
  }
  return kept;
}

function padded(values: readonly number[], factor: number): [number, number] {
  return [Math.min(...values) / factor, Math.max(...values) * factor];
}

/** At least so wide that what is level looks level. */
function spanned([from, to]: readonly [number, number]): [number, number] {
  const missing = Math.max(1, SPAN / (to / from));
  return [from / Math.sqrt(missing), to * Math.sqrt(missing)];
}
