import { gelu } from './activations.ts';
import { type Array4, channels, multiply } from './array.ts';
import { namedConv, parameter, type Trace, type Weights } from './weights.ts';

/**
 * The gated feed-forward: 1x1 to twice the hidden channels, depthwise 3x3, gelu(first half) * second half, 1x1 back.
 *
 * x (n, C, h, w), weights under the name `prefix` ('encoder_level1.0.ffn'); returns (n, C, h, w).
 */
export function ffn(x: Array4, weights: Weights, prefix: string, trace?: Trace): Array4 {
  const hidden = parameter(weights, `${prefix}.project_out.weight`).shape[1];
  const wide = namedConv(x, weights, `${prefix}.project_in`);
  trace?.(`${prefix}.project_in`, wide);
  const local = namedConv(wide, weights, `${prefix}.dwconv`, 2 * hidden);
  trace?.(`${prefix}.dwconv`, local);
  const gated = multiply(gelu(channels(local, 0, hidden)), channels(local, hidden, 2 * hidden));
  const out = namedConv(gated, weights, `${prefix}.project_out`);
  trace?.(`${prefix}.project_out`, out);
  trace?.(prefix, out);
  return out;
}
