/** What has to hold on a driver, and whether it does. */

import type { DeviceResult } from '../results.ts';
import { verdictsOf } from './compare.ts';
import { element } from './element.ts';
import { percent, times } from './numbers.ts';

/** Undefined where nothing has to. */
export function verdictsView(device: DeviceResult): HTMLElement | undefined {
  const all = device.sections.flatMap(({ cases }) =>
    cases.flatMap((result) => verdictsOf(result, device).map((verdict) => ({ name: result.name, ...verdict }))),
  );
  if (all.length === 0) return undefined;
  const passed = all.filter((each) => each.passed).length;
  const rows = all.map(({ name, kind, against, needed, found, passed, doubt }) => {
    const amount = kind === 'share' ? percent : times;
    const unit = kind === 'share' ? '' : '×';
    return element(
      'tr',
      {},
      element(
        'td',
        { class: passed ? 'mark' : 'mark missed' },
        passed ? '✓' : '✗',
        element('span', { class: 'unseen' }, passed ? 'holds' : 'missed'),
      ),
      element('td', { class: 'number' }, found === undefined ? 'not measured' : `${amount(found)}${unit}`),
      element('td', { class: 'number' }, kind === 'share' ? percent(needed) : `${needed}×`),
      element('th', { scope: 'row' }, name),
      element('td', {}, doubt ? `${against}, ${doubt}` : against),
    );
  });
  const heads = ['', 'found', 'needed', 'case', 'against'].map((title, i) =>
    element('th', { scope: 'col', class: (i === 1 || i === 2) && 'number' }, title),
  );
  return element(
    'details',
    { open: passed < all.length },
    element('summary', {}, `${passed} of ${all.length} requirements are met`),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Requirements' },
      element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows)),
    ),
  );
}
