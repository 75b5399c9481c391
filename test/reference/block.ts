import { type Array4, add } from './array.ts';
import { ffn } from './ffn.ts';
import { oss } from './oss.ts';
import type { Variant } from './variants.ts';
import { namedNorm, type Trace, type Weights } from './weights.ts';

/**
 * One block: x + oss(norm1(x)), and to that x + ffn(norm2(x)).
 *
 * x (n, C, h, w), weights under the name `prefix` ('encoder_level1.0'); returns (n, C, h, w).
 */
export function block(x: Array4, weights: Weights, prefix: string, variant: Variant, trace?: Trace): Array4 {
  const first = namedNorm(x, weights, `${prefix}.norm1`);
  trace?.(`${prefix}.norm1`, first);
  const mixed = add(x, oss(first, weights, `${prefix}.attn`, variant, trace));
  const second = namedNorm(mixed, weights, `${prefix}.norm2`);
  trace?.(`${prefix}.norm2`, second);
  return add(mixed, ffn(second, weights, `${prefix}.ffn`, trace));
}
