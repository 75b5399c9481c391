/** Bars: how many times the engine's time, or bytes, the others take. */
import * as Plot from '@observablehq/plot';
import type { DeviceResult, SectionResult } from '../results.ts';
import { svgElement } from './element.ts';
import { figure } from './figure.ts';
import { plain, times } from './numbers.ts';
import { type Bar, LINE, ratioDomain, ratioRows } from './ratio_rows.ts';

const BAR = 13;
const FONT = 12;
/** The width of most letters. */
const LETTER = 0.54 * FONT;
const TOP = 24;
const BOTTOM = 4;
const TICKS = [0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000, 10000];

/** The bars of a section; undefined where nobody is compared. */
export function ratioFigure(
  section: SectionResult,
  device: DeviceResult,
  colourOf: (contender: string) => string,
): HTMLElement | undefined {
  const cases = section.cases.filter(({ entries }) => entries.length > 1);
  if (cases.length === 0) return undefined;
  const { groups, bars, absent, height } = ratioRows(cases, device);
  const domain = ratioDomain(device);
  const hatched = [...new Set(bars.filter((bar) => bar.predicted).map(({ contender }) => colourOf(contender)))];
  const spread = bars.some(isSpread);
  const floors = bars.some(({ floor }) => floor !== undefined);
  const bytes = cases.some(({ entries: [{ timing, bytes }] }) => !timing && bytes !== undefined);
  const longest = Math.max(...[...bars, ...absent].map(({ name }) => name.length));
  const sentences = [
    `How many times the engine’s ${bytes ? 'bytes' : 'time'}, on a logarithmic scale.`,
    spread && 'Thin lines go from the fastest to the slowest run.',
    floors && 'An upright mark is what a bar has to reach.',
    hatched.length > 0 && 'Hatched: predicted, not run.',
  ];
  return figure({
    title: section.title,
    description: [...bars, ...absent].map(({ about }) => about).join(' '),
    caption: sentences.filter(Boolean).join(' '),
    draw(width) {
      const wide = width >= 480;
      const left = Math.min(longest * LETTER + 10, 0.45 * width);
      const right = wide ? 130 : 62;
      const end = ({ ratio, high = 0, floor = 0 }: Bar) => Math.min(domain[1], Math.max(1, ratio, high, floor));
      const ticks = ticksIn(domain, width - left - right);
      return {
        height: height + TOP + BOTTOM,
        marginLeft: left,
        marginRight: right,
        marginTop: TOP,
        marginBottom: BOTTOM,
        style: { fontSize: `${FONT}px` },
        x: { type: 'log', domain, axis: null },
        y: { type: 'linear', domain: [0, height], range: [TOP, TOP + height], axis: null },
        marks: [
          () => svgElement('defs', {}, ...hatched.map(hatch)),
          Plot.axisX(ticks, {
            anchor: 'top',
            tickSize: 0,
            tickPadding: 6,
            label: null,
            text: (at: number) => `${plain(at)}×`,
          }),
          ...groups.map(({ top, bottom }) => Plot.ruleX(ticks, { y1: top, y2: bottom, stroke: 'var(--line)' })),
          Plot.rect(bars, {
            x1: 1,
            x2: 'ratio',
            y1: ({ y }: Bar) => y - BAR / 2,
            y2: ({ y }: Bar) => y + BAR / 2,
            fill: ({ predicted, contender }: Bar) =>
              predicted ? `url(#${hatchId(colourOf(contender))})` : colourOf(contender),
            title: 'about',
            r: 2,
          }),
          ...groups.map(({ top, bottom }) => stroke(1, 1, top, bottom, 1.5)),
          ...bars.flatMap((bar) => {
            const { y, low, high, floor } = bar;
            return [
              isSpread(bar) ? stroke(Math.max(low!, domain[0]), Math.min(high!, domain[1]), y, y, 1.2) : null,
              floor === undefined ? null : stroke(floor, floor, y - LINE / 2 + 1, y + LINE / 2 - 1, 2.5),
            ];
          }),
          Plot.text(groups, {
            ...label(-left),
            frameAnchor: 'left',
            text: 'name',
            fontWeight: 600,
            ...shortened(width - (wide ? 110 : 62)),
          }),
          Plot.text(groups, {
            ...label(right),
            frameAnchor: 'right',
            text: ({ own }: (typeof groups)[number]) => (wide ? `engine ${own}` : own),
            fill: 'var(--soft)',
            textAnchor: 'end',
          }),
          Plot.text([...bars, ...absent], {
            ...label(-left),
            frameAnchor: 'left',
            text: 'name',
            ...shortened(left - 8),
          }),
          Plot.text(
            bars.filter(({ missed }) => !missed),
            { ...label(6), x: end, text: ({ ratio, value }: Bar) => `${times(ratio)}×${wide ? `  ${value}` : ''}` },
          ),
          Plot.text(
            bars.filter(({ missed }) => missed),
            {
              ...label(6),
              x: end,
              text: ({ ratio, floor }: Bar) => `${times(ratio)} of ${floor}×`,
              fill: 'var(--wrong)',
              fontWeight: 600,
            },
          ),
          Plot.text(absent, {
            ...label(6),
            x: 1,
            text: 'reason',
            title: 'about',
            fill: 'var(--soft)',
            fontStyle: 'italic',
            // From 1 on, which is not at the left; what is longer is in the title and in the table.
            ...shortened((width - left) * 0.8),
          }),
        ],
      };
    },
  });
}

const isSpread = ({ low, high }: Bar): boolean => low !== undefined && high !== undefined && high > 1.04 * low;

/** Text on its line, with a halo that keeps it readable over lines. */
function label(dx: number) {
  return {
    y: 'y',
    dx,
    textAnchor: 'start',
    fill: 'var(--text)',
    stroke: 'var(--panel)',
    strokeWidth: 3,
    fontVariant: 'tabular-nums',
  } as const;
}

function shortened(pixels: number) {
  return { lineWidth: pixels / FONT, textOverflow: 'ellipsis' } as const;
}

function stroke(x1: number, x2: number, y1: number, y2: number, strokeWidth: number): Plot.RenderableMark {
  const ends = { x1: [x1], x2: [x2], y1: [y1], y2: [y2] };
  return Plot.link([0], { ...ends, stroke: 'var(--text)', strokeWidth, pointerEvents: 'none' });
}

/** As many ticks as there is room for, 1 among them. */
function ticksIn([from, to]: readonly [number, number], pixels: number): number[] {
  const inside = TICKS.filter((tick) => tick >= from && tick <= to);
  const nearest = (Math.log10(2) / Math.log10(to / from)) * pixels;
  return nearest > 30 ? inside : inside.filter((tick) => Number.isInteger(Math.log10(tick)));
}

const hatchId = (colour: string) => `hatch-${colour.replace(/\W/g, '')}`;

/** Slanted stripes of a colour. Plots with the same pattern may each define it. */
function hatch(colour: string): SVGElement {
  return svgElement(
    'pattern',
    { id: hatchId(colour), width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    svgElement('rect', { width: 6, height: 6, fill: colour, opacity: 0.25 }),
    svgElement('rect', { width: 2.5, height: 6, fill: colour }),
  );
}
