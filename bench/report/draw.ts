/** Draws a report into an element of a page. Its looks are in report.css, its colours and buttons in page/look.css. */

import type { DeviceResult, Report } from '../results.ts';
import { coloursOf } from './colours.ts';
import { element } from './element.ts';
import { growthFigures } from './growth.ts';
import { limitLines } from './limits.ts';
import { ratioFigure } from './ratios.ts';
import { roofline } from './roofline.ts';
import { markdownOf, titleOf } from './table.ts';
import { tableView } from './table_view.ts';
import { tabs } from './tabs.ts';
import { verdictsView } from './verdicts_view.ts';

/** Replaces what was in the element. */
export function drawReport(place: HTMLElement, report: Report): void {
  const devices = report.devices.map((device) => ({ title: titleOf(device), make: () => deviceView(device, report) }));
  place.classList.add('report');
  place.replaceChildren(actions(report), tabs('Devices', devices));
}

function actions(report: Report): HTMLElement {
  const copy = element('button', { type: 'button' }, 'Copy as Markdown');
  const save = element('button', { type: 'button' }, 'Save JSON');
  const said = element('span', { role: 'status' });
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(markdownOf(report));
      said.textContent = 'Copied.';
    } catch (error) {
      said.textContent = `Not copied: ${(error as Error).message}`;
    }
  });
  save.addEventListener('click', () => saveJson(report));
  return element('div', { class: 'report-actions' }, copy, save, said);
}

function saveJson(report: Report): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: 'application/json' }));
  element('a', { href: url, download: `benchmark-${report.date.slice(0, 10)}.json` }).click();
  // The browser has taken hold of the bytes by the time that it handles the click.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function deviceView(device: DeviceResult, report: Report): HTMLElement {
  const colourOf = coloursOf(device);
  const figures = device.sections.flatMap((section) => {
    const lines = growthFigures(section, colourOf);
    const bars = section.id === 'growth' && lines.length > 0 ? undefined : ratioFigure(section, device, colourOf);
    return [...(bars ? [bars] : []), ...lines];
  });
  const parts = [
    about(device, report),
    limitsView(device),
    verdictsView(device),
    element('div', { class: 'figures' }, ...figures),
    roofline(device),
  ].filter((part) => part !== undefined);
  // Where limits alone were asked for there is nothing else.
  if (device.sections.length > 0)
    parts.push(element('section', { class: 'everything' }, element('h2', {}, 'Everything'), tableView(device)));
  return element('div', { class: 'device' }, ...parts);
}

function about({ renderer, browser, attachments, contenders }: DeviceResult, { cores, date }: Report): HTMLElement {
  const lines: [string, string][] = [
    ['Device', `${renderer}, ${attachments} attachments, ${cores} logical processors`],
    ['Browser', browser],
    ['Date', new Date(date).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' })],
    ...Object.entries(contenders),
  ];
  return list(lines, 'about facts');
}

/** What the device can do; undefined where that was not asked for. */
function limitsView(device: DeviceResult): HTMLElement | undefined {
  const lines = limitLines(device);
  if (lines.length === 0) return undefined;
  return element('section', { class: 'limits' }, element('h2', {}, 'The device’s own limits'), list(lines, 'facts'));
}

function list(lines: readonly [string, string][], looks: string): HTMLElement {
  const items = lines.map(([term, text]) => element('div', {}, element('dt', {}, term), element('dd', {}, text)));
  return element('dl', { class: looks }, ...items);
}
