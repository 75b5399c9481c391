import { silu } from './activations.ts';
import { type Array4, add, channels, count, entry, multiply, type Values } from './array.ts';
import { conv2d } from './conv2d.ts';
import { globalMean } from './global_mean.ts';
import { positiveDelta, selectiveScan } from './selective_scan.ts';
import { transpose } from './transpose.ts';
import type { Variant } from './variants.ts';
import { namedConv, namedNorm, parameter, type Trace, type Weights } from './weights.ts';

/** States per channel. */
const N = 16;

/**
 * Omni Selective Scan (arXiv 2403.11423, section 3.3): four scans over the plane, two over the channels.
 *
 * x (n, C, h, w), weights under the name `prefix` ('encoder_level1.0.attn'); returns (n, C, h, w).
 */
export function oss(x: Array4, weights: Weights, prefix: string, variant: Variant, trace?: Trace): Array4 {
  const features = x.shape[1];
  const both = namedConv(x, weights, `${prefix}.in_conv`);
  trace?.(`${prefix}.in_conv`, both);
  const local = namedConv(channels(both, 0, features), weights, `${prefix}.conv2d`, features);
  trace?.(`${prefix}.conv2d`, local);
  const plane = scanPlane(silu(local), weights, prefix);
  trace?.(`${prefix}.out_norm`, plane);
  const y = multiply(plane, silu(channels(both, features, 2 * features)));
  const g = scanChannels(y, weights, prefix, variant);
  trace?.(`${prefix}.channel_norm`, g);
  const merged = variant.merge === 'add' ? add(y, g) : add(multiply(y, g), y);
  const out = namedConv(merged, weights, `${prefix}.out_conv`);
  trace?.(`${prefix}.out_conv`, out);
  trace?.(prefix, out);
  return out;
}

/** By rows, by columns, and both backwards; summed and normalised. (n, C, h, w) to the same. */
function scanPlane(x: Array4, weights: Weights, prefix: string): Array4 {
  const names = scanNames(prefix, '');
  const turned = transpose(x);
  const rows = add(scanDirection(x, weights, names, 0, false), scanDirection(x, weights, names, 2, true));
  const columns = add(scanDirection(turned, weights, names, 1, false), scanDirection(turned, weights, names, 3, true));
  return namedNorm(add(rows, transpose(columns)), weights, `${prefix}.out_norm`);
}

/** The means of the channels as a sequence, scanned both ways and normalised. (n, C, h, w) to (n, C, 1, 1). */
export function scanChannels(y: Array4, weights: Weights, prefix: string, variant: Variant): Array4 {
  const names = scanNames(prefix, 'c');
  const [n, features] = y.shape;
  const means: Array4 = { data: globalMean(y).data, shape: [n, 1, 1, features] };
  const lifted = variant.lift === null ? means : namedConv(means, weights, `${prefix}.conv_cin`);
  const sum = add(scanDirection(lifted, weights, names, 0, false), scanDirection(lifted, weights, names, 1, true));
  const lowered = variant.lift === null ? sum : namedConv(sum, weights, `${prefix}.conv_cout`);
  return namedNorm({ data: lowered.data, shape: [n, features, 1, 1] }, weights, `${prefix}.channel_norm`);
}

interface ScanNames {
  projection: string;
  deltaWeight: string;
  deltaBias: string;
  logA: string;
  D: string;
}

/** `kind`: '' for the scans over the plane, 'c' for those over the channels. */
function scanNames(prefix: string, kind: '' | 'c'): ScanNames {
  return {
    projection: `${prefix}.x${kind}_proj_weight`,
    deltaWeight: `${prefix}.dt${kind}_projs_weight`,
    deltaBias: `${prefix}.dt${kind}_projs_bias`,
    logA: `${prefix}.A${kind}_logs`,
    D: `${prefix}.Ds${kind}`,
  };
}

/**
 * Direction k: delta (through its low rank), B and C are projected from x (n, c, h, w), which is then scanned by rows.
 *
 * Parameters of K directions: projection (K, rank + 2 N, c), delta's weight (K, c, rank) and bias (K, c), log(-A) (K c, N),
 * D (K c).
 */
function scanDirection(x: Array4, weights: Weights, names: ScanNames, k: number, reverse: boolean): Array4 {
  const all = parameter(weights, names.projection);
  const spread = parameter(weights, names.deltaWeight);
  const [directions, width, features] = all.shape;
  const rank = spread.shape[2];
  if (width !== rank + 2 * N) throw new Error(`'${names.projection}' [${all.shape}] does not go with rank ${rank}`);

  const projected = conv2d(x, entry(all, k, [width, features, 1, 1]));
  const raw = conv2d(channels(projected, 0, rank), entry(spread, k, [features, rank, 1, 1]));
  const delta = positiveDelta(raw, entry(parameter(weights, names.deltaBias), k).data);
  const B = channels(projected, rank, rank + N);
  const C = channels(projected, rank + N, rank + 2 * N);
  const logA = entry(split(parameter(weights, names.logA), directions), k).data;
  const A = Float64Array.from(logA, (v) => -Math.exp(v));
  const D = entry(split(parameter(weights, names.D), directions), k).data;
  return selectiveScan(x, delta, A, B, C, D, reverse);
}

/** The same values with a first axis of `parts`. */
function split(values: Values, parts: number): Values {
  return { data: values.data, shape: [parts, count(values.shape) / parts] };
}
