/** What a benchmark is asked to measure. */
import type { Case, Section } from './sections/case.ts';
import { sections as allSections } from './sections/index.ts';

export interface Chosen {
  /** Ids of sections; all unless told. */
  readonly sections?: readonly string[];
  /** Cases with one of these in their names; all unless told. */
  readonly only?: readonly string[];
  /** Of the cases that differ by the side of their picture, those with one of these sides; all unless told. */
  readonly sizes?: readonly number[];
}

/** Sections and cases that were asked for, limits apart. */
export function chosenSections({ sections, only, sizes }: Chosen): Section[] {
  const isChosen = ({ name, side }: Case): boolean =>
    (only?.some((text) => name.includes(text)) ?? true) && (side === undefined || (sizes?.includes(side) ?? true));
  return allSections
    .filter(({ id }) => sections?.includes(id) ?? true)
    .map((section) => ({ ...section, cases: section.cases.filter(isChosen) }))
    .filter(({ cases }) => cases.length > 0);
}
