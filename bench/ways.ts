/** Which of a contender's ways are measured in a case. */
import type { Name } from './contenders/names.ts';
import type { Case } from './sections/case.ts';

/**
 * All of them, unless time is short: then those by which somebody is judged, all of them where it is the fastest that judges; and where nobody
 * is, the first, which the contender believes to be its best.
 */
export function waysFor(
  { allWays, requirements }: Pick<Case, 'allWays' | 'requirements'>,
  name: Name,
  ways: readonly string[],
  short: boolean,
): readonly string[] {
  if (!short || allWays) return ways;
  const asked = requirements.filter(({ contender }) => contender === name);
  if (asked.length === 0) return ways.slice(0, 1);
  return ways.filter((way) => asked.some((requirement) => (requirement.way ?? way) === way));
}
