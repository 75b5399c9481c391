import * as Plot from '@observablehq/plot';
import { element, svgElement } from './element.ts';

export interface FigureOptions {
  readonly title: string;
  /** What is seen, in a sentence or two, for those who do not see it. */
  readonly description: string;
  /** Below the plot. */
  readonly caption?: string;
  /** Between the title and the plot. */
  readonly legend?: Node;
  /** The plot at a width in CSS pixels; called again when the width changes. */
  draw(width: number): Plot.PlotOptions;
}

let count = 0;

/** A plot under a title, as wide as there is room. */
export function figure({ title, description, caption, legend, draw }: FigureOptions): HTMLElement {
  const place = element('div', { class: 'plot' });
  const id = `figure-${++count}`;
  let drawn = 0;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (width === drawn || width === 0) return;
    drawn = width;
    const svg = Plot.plot({ ...draw(width), width, className: 'chart' });
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-labelledby', `${id}-title`);
    svg.setAttribute('aria-describedby', `${id}-about`);
    svg.prepend(
      svgElement('title', { id: `${id}-title` }, title),
      svgElement('desc', { id: `${id}-about` }, description),
    );
    place.replaceChildren(svg);
  }).observe(place);
  return element(
    'figure',
    {},
    element('h2', {}, title),
    ...(legend ? [legend] : []),
    place,
    ...(caption ? [element('figcaption', {}, caption)] : []),
  );
}
