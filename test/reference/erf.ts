/**
 * The error function and its complement to about the last digit of a double.
 *
 * Both expansions are in Abramowitz and Stegun, chapter 7: 7.1.6 near zero, 7.1.14 in the tail.
 */

/** From here on the continued fraction: the series would lose the digits of erfc, and below, the fraction converges slowly. */
const TAIL = 1;

/** erf(x) = 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  if (Math.abs(x) < TAIL) return series(x);
  return x > 0 ? 1 - fraction(x) : fraction(-x) - 1;
}

/** erfc(x) = 1 - erf(x), without the cancellation for large x: right to a few 1e-15 of itself, far out in the tail to 1e-13. */
export function erfc(x: number): number {
  if (Math.abs(x) < TAIL) return 1 - series(x);
  return x > 0 ? fraction(x) : 2 - fraction(-x);
}

/** erf by exp(-x^2) times a series whose terms have one sign: 2 / sqrt(pi) exp(-x^2) sum of 2^k x^(2k+1) / (1 3 5 .. 2k+1). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc for x >= 1: exp(-x^2) / sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / (x + 2 / ...)))), from the inside out. */
function fraction(x: number): number {
  const depth = Math.ceil(20 + 200 / (x * x));
  let denominator = x;
  for (let k = depth; k > 0; k--) denominator = x + k / 2 / denominator;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / denominator;
}
