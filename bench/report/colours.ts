/** Colours of contenders, the same in every plot: the engine has the accent, the others take turns. See report.css. */
import { NAMES } from '../contenders/names.ts';
import type { DeviceResult } from '../results.ts';

/** All but the engine: report.css has as many. */
const OTHERS = NAMES.length - 1;

/** A CSS colour by contender. */
export function coloursOf({ contenders, sections }: DeviceResult): (contender: string) => string {
  const entries = sections.flatMap(({ cases }) => cases.flatMap((each) => each.entries));
  const names = [...new Set([...Object.keys(contenders), ...entries.map(({ contender }) => contender)])];
  return (contender) => {
    const place = names.indexOf(contender);
    return place <= 0 ? 'var(--accent)' : `var(--colour-${((place - 1) % OTHERS) + 1})`;
  };
}
