/** What the numbers of a case say about each other. */
import type { Driver } from '../../tools/browser.ts';
import type { CaseResult, Entry } from '../results.ts';
import type { Requirement } from '../sections/case.ts';

/** Such as "tfjs webgl composed". */
export function nameOf({ contender, way }: Pick<Entry, 'contender' | 'way'>): string {
  return way === 'default' ? contender : `${contender} ${way}`;
}

/** The number by which an entry is compared, in milliseconds or bytes; a prediction counts too. Undefined where it failed. */
export function amountOf({ timing, first, bytes, predicted }: Entry): number | undefined {
  return timing?.median ?? first?.total ?? bytes ?? predicted;
}

/** How many times the engine's time, or where there is none its bytes, an entry takes. Undefined where one has no number. */
export function ratioOf(entry: Entry, { entries }: CaseResult): number | undefined {
  const own = amountOf(entries[0]);
  const amount = amountOf(entry);
  return own && amount && amount / own;
}

/** Whether a requirement is about an entry. */
export function concerns({ contender, way }: Requirement, entry: Entry): boolean {
  return entry.contender === contender && (way ?? entry.way) === entry.way;
}

/** What of a requirement is asked for on a driver, and what was found. */
export interface Verdict {
  readonly passed: boolean;
  /** Such as "tfjs webgl composed". */
  readonly against: string;
  readonly needed: number;
  /** The smallest measured ratio; undefined where there is none. */
  readonly found?: number;
}

/**
 * Whether a case meets its requirements on a driver: those that are about contenders who were asked for, all unless told. What was
 * predicted and not run proves nothing.
 */
export function verdictsOf(result: CaseResult, driver: Driver | undefined, contenders?: readonly string[]): Verdict[] {
  return result.requirements.flatMap((requirement): Verdict[] => {
    const { contender, way = 'default', ratio } = requirement;
    const needed = driver && ratio[driver];
    if (needed === undefined || !(contenders?.includes(contender) ?? true)) return [];
    const ratios = result.entries
      .filter((entry) => concerns(requirement, entry) && entry.predicted === undefined)
      .flatMap((entry) => ratioOf(entry, result) ?? []);
    const against = nameOf({ contender, way });
    if (ratios.length === 0) return [{ passed: false, against, needed }];
    const found = Math.min(...ratios);
    return [{ passed: found >= needed, against, needed, found }];
  });
}

/** Such as "tfjs webgl composed 20.12, at least 16 needed". */
export function verdictText({ against, needed, found }: Verdict): string {
  return `${against} ${found === undefined ? 'not measured' : found.toFixed(2)}, at least ${needed} needed`;
}
