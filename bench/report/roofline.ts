/** The roofline plot: what the engine's kernels reach of what the device can do. */
import * as Plot from '@observablehq/plot';
import type { CaseResult, DeviceResult, Limits } from '../results.ts';
import { element } from './element.ts';
import { figure } from './figure.ts';
import { placeLabels } from './labels.ts';
import { digits, percent, plain, quantity } from './numbers.ts';
import { bestTime, partsOf, shareOf } from './share.ts';
import { logTicks } from './ticks.ts';

interface Kernel {
  readonly number: number;
  readonly name: string;
  readonly result: CaseResult;
  /** Seconds, by the GPU's own clock where it has one. */
  readonly seconds: number;
  /** Multiply-adds for each texel fetched. */
  readonly intensity: number;
  /** Multiply-adds a second. */
  readonly rate: number;
  readonly share: number;
}

/** The plot and the list of its dots; undefined where the limits are not known or nothing has its work counted. */
export function roofline({ limits, sections }: DeviceResult): HTMLElement | undefined {
  const kernels = limits
    ? kernelsIn(
        sections.flatMap(({ cases }) => cases),
        limits,
      )
    : [];
  if (!limits || kernels.length === 0) return undefined;
  const made = figure({
    title: 'Roofline',
    description: `Multiply-adds a second over multiply-adds for each texel fetched. ${kernels
      .map(
        ({ name, intensity, rate, share }) =>
          `${name}: ${quantity(rate)} a second at ${digits(intensity)} a fetch, ${percent(share)} of its limit.`,
      )
      .join(' ')}`,
    caption: limits.overlap
      ? 'Under the roof of arithmetic and fetches, measured on this device; they overlap, so the greater binds.'
      : 'Under the roof of arithmetic and fetches, measured on this device; their times add up here, so the roof is the curve.',
    draw: (width) => plot(kernels, limits, width),
  });
  made.classList.add('roofline');
  made.append(
    element(
      'p',
      {},
      `The share of its limit that each case reaches: ${limits.overlap ? 'the greatest of its parts' : 'the sum of its parts'}. The mark is at 60 %; below each part is what the device can do.`,
    ),
    shares(kernels, limits),
  );
  return made;
}

function kernelsIn(cases: readonly CaseResult[], limits: Limits): Kernel[] {
  const kernels: Kernel[] = [];
  for (const result of cases) {
    const { name, work, entries } = result;
    const time = entries[0] && bestTime(entries[0]);
    // A case may be in several sections.
    if (!work || !time || kernels.some((kernel) => kernel.name === name)) continue;
    kernels.push({
      number: kernels.length + 1,
      name,
      result,
      seconds: time / 1e3,
      intensity: work.multiplyAdds / work.fetches,
      rate: (work.multiplyAdds / time) * 1e3,
      share: shareOf(work, limits, time),
    });
  }
  return kernels;
}

const MARGIN = { top: 26, right: 16, bottom: 40, left: 50 };

function plot(kernels: readonly Kernel[], limits: Limits, width: number): Plot.PlotOptions {
  const shown = kernels.filter(({ intensity, rate }) => Number.isFinite(intensity) && intensity > 0 && rate > 0);
  const ridge = limits.multiplyAdds / limits.fetches;
  const intensities = [ridge, ...shown.map(({ intensity }) => intensity)];
  const rates = [limits.multiplyAdds, ...shown.map(({ rate }) => rate)];
  const from = Math.min(...intensities) / 2;
  const to = Math.max(...intensities) * 2.5;
  const low = Math.min(...rates) / 2;
  const high = Math.max(...rates) * 1.8;
  const height = Math.round(Math.min(420, Math.max(280, width * 0.5)));
  // The same as Plot's own scales, which are not there yet when labels are laid out.
  const xUnit = (width - MARGIN.left - MARGIN.right) / Math.log(to / from);
  const yUnit = (height - MARGIN.top - MARGIN.bottom) / Math.log(high / low);
  const labels = placeLabels(
    shown.map(({ intensity, rate }) => ({ x: Math.log(intensity / from) * xUnit, y: -Math.log(rate / low) * yUnit })),
  ).map(({ x, y }, i) => ({
    x: from * Math.exp(x / xUnit),
    y: low * Math.exp(-y / yUnit),
    text: String(shown[i].number),
  }));
  const xTicks = logTicks([from, to]);
  const yTicks = logTicks([low, high]);
  const steps = Array.from({ length: 65 }, (_, i) => from * (to / from) ** (i / 64));
  const flat = (x: number) => Math.min(limits.multiplyAdds, x * limits.fetches);
  const roof = limits.overlap ? flat : (x: number) => 1 / (1 / limits.multiplyAdds + 1 / (x * limits.fetches));
  // On the slope, as far up as is seen of it.
  const slopeEnd = Math.min(ridge, to);
  const slopeStart = Math.max(from, low / limits.fetches);
  const slope = Math.sqrt(slopeStart * slopeEnd);
  const roofTexts = [
    Plot.text([0], {
      x: [to],
      y: [limits.multiplyAdds],
      text: [`${quantity(limits.multiplyAdds)} multiply-adds/s`],
      dy: -8,
      dx: -4,
      textAnchor: 'end',
      fill: 'var(--soft)',
    }),
    slopeEnd > slopeStart * 1.5
      ? Plot.text([0], {
          x: [slope],
          y: [slope * limits.fetches],
          text: [`${quantity(limits.fetches)} texels/s`],
          rotate: (-Math.atan2(yUnit, xUnit) * 180) / Math.PI,
          dy: -8,
          fill: 'var(--soft)',
        })
      : null,
  ];
  return {
    height,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    style: { fontSize: '12px' },
    clip: true,
    x: { type: 'log', domain: [from, to] },
    y: { type: 'log', domain: [low, high] },
    marks: [
      Plot.gridX(xTicks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.gridY(yTicks, { stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.axisX(xTicks, { text: plain, tickSize: 4, label: 'multiply-adds for each texel fetched →', clip: false }),
      Plot.axisY(yTicks, {
        text: (rate: number) => quantity(rate, plain),
        tickSize: 0,
        label: '↑ multiply-adds a second',
        clip: false,
      }),
      Plot.areaY(steps, { x: steps, y1: low, y2: roof, fill: 'var(--accent)', fillOpacity: 0.07 }),
      limits.overlap ? null : Plot.line(steps, { x: steps, y: flat, stroke: 'var(--soft)', strokeDasharray: '3 4' }),
      Plot.line(steps, { x: steps, y: roof, stroke: 'var(--text)', strokeWidth: 1.8 }),
      ...(width < 480 ? [] : roofTexts),
      Plot.dot(shown, {
        x: 'intensity',
        y: 'rate',
        r: 4.5,
        fill: 'var(--accent)',
        stroke: 'var(--panel)',
        title: ({ name, share, rate }: Kernel) => `${name}: ${quantity(rate)} a second, ${percent(share)} of its limit`,
      }),
      Plot.text(labels, {
        x: 'x',
        y: 'y',
        text: 'text',
        fill: 'var(--text)',
        fontWeight: 600,
        stroke: 'var(--panel)',
        strokeWidth: 3,
      }),
    ],
  };
}

/** The dots by number, and of each kind of work what share of the measured time it would take at the limit. */
function shares(kernels: readonly Kernel[], limits: Limits): HTMLElement {
  const heads = [
    ['multiply-adds', `${quantity(limits.multiplyAdds)}/s`],
    ['exp2', `${quantity(limits.exponentials)}/s`],
    ['fetches', `${quantity(limits.fetches)}/s`],
    ['writes', `${quantity(limits.writes)}/s`],
    ['draws', `${digits(limits.draw * 1e6)} µs`],
  ];
  const rows = kernels.map(({ number, name, result, seconds, share }) => {
    const parts = Object.values(partsOf(result.work!, limits)) as number[];
    const bar = element('span', { class: 'share', style: `--share: ${Math.min(100, 100 * share).toFixed(1)}%` });
    return element(
      'tr',
      {},
      element('td', { class: 'number' }, String(number)),
      element('td', {}, bar, percent(share)),
      element('th', { scope: 'row' }, name),
      ...parts.map((part) => element('td', { class: 'number' }, percent(part / seconds))),
    );
  });
  const cells = heads.map(([title, limit]) =>
    element('th', { scope: 'col', class: 'number' }, title, element('small', {}, limit)),
  );
  const first = ['#', 'share', 'case'].map((title) => element('th', { scope: 'col' }, title));
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Shares of the device’s limits' },
    element(
      'table',
      { class: 'shares' },
      element('thead', {}, element('tr', {}, ...first, ...cells)),
      element('tbody', {}, ...rows),
    ),
  );
}
