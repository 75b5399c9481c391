/**
 * Checks that the largest error, over the largest expected magnitude, is at most `tolerance`; returns that quotient.
 *
 * Otherwise throws an Error that says what was compared, the quotient, where the worst error is and both values there. A
 * NaN or infinity on either side, different lengths and nothing to compare are errors too. Where all that is expected is
 * zero, only zero is close.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): number {
  if (actual.length !== expected.length)
    throw new Error(`${what}: ${actual.length} values where ${expected.length} are expected`);
  if (expected.length === 0) throw new Error(`${what}: there is nothing to compare`);

  let worst = 0;
  let error = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i]) || !Number.isFinite(expected[i]))
      throw new Error(`${what}: at index ${i} is ${actual[i]}, expected ${expected[i]}`);
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
    const here = Math.abs(actual[i] - expected[i]);
    if (here > error) {
      error = here;
      worst = i;
    }
  }
  const relative = error === 0 ? 0 : error / magnitude;
  if (!(relative <= tolerance))
    throw new Error(
      `${what}: relative error ${relative.toExponential(3)} is above ${tolerance.toExponential(3)}; ` +
        `worst at index ${worst} of ${expected.length}: ${actual[worst]}, expected ${expected[worst]}`,
    );
  return relative;
}
