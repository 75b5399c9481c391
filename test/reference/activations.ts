import { type Array4, map } from './array.ts';
import { erfc } from './erf.ts';

/** x / (1 + exp(-x)). Also called swish. */
export function silu(x: Array4): Array4 {
  return map(x, (v) => v / (1 + Math.exp(-v)));
}

/** log(1 + exp(x)), written so that neither end overflows or loses digits. */
export function softplus(x: Array4): Array4 {
  return map(x, (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))));
}

/** x times the chance that a normal variable is below x: x / 2 * erfc(-x / sqrt(2)), the exact kind. */
export function gelu(x: Array4): Array4 {
  return map(x, (v) => (v / 2) * erfc(-v * Math.SQRT1_2));
}
