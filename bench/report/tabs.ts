import { element } from './element.ts';

export interface Tab {
  readonly title: string;
  /** Made when the tab is first chosen. */
  make(): HTMLElement;
}

let count = 0;

/** Panels of which one is seen; arrow keys, Home and End go from tab to tab. A single one has no tabs. */
export function tabs(label: string, all: readonly Tab[]): HTMLElement {
  if (all.length === 1) return all[0].make();
  const id = `tabs-${++count}`;
  const buttons = all.map(({ title }, i) =>
    element(
      'button',
      { type: 'button', role: 'tab', id: `${id}-tab-${i}`, 'aria-controls': `${id}-panel-${i}` },
      title,
    ),
  );
  const panels = all.map((_, i) =>
    element('div', { role: 'tabpanel', id: `${id}-panel-${i}`, 'aria-labelledby': `${id}-tab-${i}` }),
  );
  const list = element('div', { role: 'tablist', 'aria-label': label }, ...buttons);

  function choose(chosen: number): void {
    for (const [i, button] of buttons.entries()) {
      button.setAttribute('aria-selected', String(i === chosen));
      button.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    }
    if (!panels[chosen].firstChild) panels[chosen].append(all[chosen].make());
  }

  for (const [i, button] of buttons.entries()) button.addEventListener('click', () => choose(i));
  list.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const last = buttons.length - 1;
    const next = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
    buttons[next].focus();
  });
  choose(0);
  return element('div', {}, list, ...panels);
}
