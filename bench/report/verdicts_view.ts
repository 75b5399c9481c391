/** What has to hold on a driver, and whether it does. */

import type { DeviceResult } from '../results.ts';
import { verdictsOf } from './compare.ts';
import { element } from './element.ts';
import { times } from './numbers.ts';

/** Undefined where nothing has to. */
export function verdictsView({ sections, driver }: DeviceResult): HTMLElement | undefined {
  const all = sections.flatMap(({ cases }) =>
    cases.flatMap((result) => verdictsOf(result, driver).map((verdict) => ({ name: result.name, ...verdict }))),
  );
  if (all.length === 0) return undefined;
  const passed = all.filter((each) => each.passed).length;
  const rows = all.map(({ name, against, needed, found, passed }) =>
    element(
      'tr',
      {},
      element(
        'td',
        { class: passed ? 'mark' : 'mark missed' },
        passed ? '✓' : '✗',
        element('span', { class: 'unseen' }, passed ? 'holds' : 'missed'),
      ),
      element('td', { class: 'number' }, found === undefined ? 'not measured' : `${times(found)}×`),
      element('td', { class: 'number' }, `${needed}×`),
      element('th', { scope: 'row' }, name),
      element('td', {}, against),
    ),
  );
  const heads = ['', 'ratio', 'needed', 'case', 'against'].map((title, i) =>
    element('th', { scope: 'col', class: (i === 1 || i === 2) && 'number' }, title),
  );
  return element(
    'details',
    { open: passed < all.length },
    element('summary', {}, `${passed} of ${all.length} ratios that have to hold do`),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Ratios that have to hold' },
      element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows)),
    ),
  );
}
