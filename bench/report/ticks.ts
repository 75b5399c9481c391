/** Marks on a logarithmic scale at round numbers: as coarse as still gives some, however short the scale is. */
const LEAST = 3;
const STEPS: readonly (readonly number[])[] = [[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]];

/** From the coarsest steps that have at least three marks within the range; ratio of neighbours at most 10. */
export function logTicks([from, to]: readonly [number, number]): number[] {
  const all = STEPS.map((steps) => within(from, to, steps));
  return all.find((ticks) => ticks.length >= LEAST) ?? all[all.length - 1];
}

function within(from: number, to: number, steps: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    // From text, since 3 * 10 ** -1 is not 0.3.
    for (const step of steps) ticks.push(Number(`${step}e${power}`));
  }
  return ticks.filter((tick) => tick >= from && tick <= to);
}
