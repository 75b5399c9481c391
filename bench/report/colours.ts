/** Colours of contenders, the same in every plot: the engine has the accent, the others take turns. See report.css. */
import type { DeviceResult } from '../results.ts';

const OTHERS = 6;

/** A CSS colour by contender. */
export function coloursOf({ contenders, sections }: DeviceResult): (contender: string) => string {
  const entries = sections.flatMap(({ cases }) => cases.flatMap((each) => each.entries));
  const names = [...new Set([...Object.keys(contenders), ...entries.map(({ contender }) => contender)])];
  return (contender) => {
    const place = names.indexOf(contender);
    return place <= 0 ? 'var(--accent)' : `var(--colour-${((place - 1) % OTHERS) + 1})`;
  };
}
