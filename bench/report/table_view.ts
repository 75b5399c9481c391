/** The table on the page, the same as in Markdown. */

import type { CaseResult, DeviceResult, Limits } from '../results.ts';
import { element } from './element.ts';
import { COLUMNS, type Column, columnsIn, type Row, rowsOf } from './table.ts';

/** A table of everything, section by section. */
export function tableView({ sections, limits }: DeviceResult): HTMLElement {
  const rows = sections.flatMap(({ cases }) => cases.flatMap((each) => rowsOf(each, limits)));
  const columns = columnsIn(rows);
  const bodies = sections
    .filter(({ cases }) => cases.length > 0)
    .flatMap(({ title, cases }) => [
      sectionHead(title, columns),
      ...cases.map((each) => caseBody(each, columns, limits)),
    ]);
  return scrollable(columns, bodies);
}

/** A table that grows: cases are added as they come. */
export class GrowingTable {
  readonly element: HTMLElement;
  private readonly table: HTMLTableElement;
  private section = '';

  constructor() {
    const table = scrollable(COLUMNS, []);
    this.element = element('section', { class: 'everything' }, element('h2', {}, 'So far'), table);
    this.table = table.querySelector('table')!;
  }

  add(section: { readonly id: string; readonly title: string }, result: CaseResult, limits?: Limits): void {
    if (section.id !== this.section) this.table.append(sectionHead(section.title, COLUMNS));
    this.section = section.id;
    this.table.append(caseBody(result, COLUMNS, limits));
  }
}

function scrollable(columns: readonly Column[], bodies: readonly HTMLElement[]): HTMLElement {
  const heads = columns.map(({ title, number }) => element('th', { scope: 'col', class: number && 'number' }, title));
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of results' },
    element('table', {}, element('thead', {}, element('tr', {}, ...heads)), ...bodies),
  );
}

function sectionHead(title: string, columns: readonly Column[]): HTMLElement {
  const head = element('th', { scope: 'rowgroup', colspan: columns.length }, element('span', {}, title));
  return element('tbody', { class: 'section' }, element('tr', {}, head));
}

function caseBody(result: CaseResult, columns: readonly Column[], limits?: Limits): HTMLElement {
  const rows = rowsOf(result, limits);
  return element('tbody', {}, ...rows.map((row) => rowElement(row, columns, rows.length)));
}

/** The case's name stands in the first of its rows and takes the height of all. */
function rowElement(row: Row, columns: readonly Column[], height: number): HTMLElement {
  const numbers = columns.filter(({ number }) => number);
  return element(
    'tr',
    {},
    ...(row.name === '' ? [] : [element('th', { scope: 'rowgroup', rowspan: height }, row.name)]),
    element('th', { scope: 'row' }, row.contender),
    ...(row.failure === undefined
      ? numbers.map(({ key }) => element('td', { class: 'number' }, row[key]))
      : [element('td', { class: 'failure', colspan: numbers.length }, `not timed: ${row.failure}`)]),
  );
}
