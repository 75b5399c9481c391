/**
 * The scan over the channels of OSS (section 3.3 of arXiv 2403.11423): their means as a sequence, lifted to a few features, scanned forward and
 * in reverse, brought back to one and normed. As each step begins with a single number, all of it is one kernel, and the norm another.
 */
import normShader from '../glsl/channel_norm.frag';
import scanShader from '../glsl/channel_scan.frag';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectLength, expectShape } from './check.ts';
import { compute } from './compute.ts';
import type { NormWeights } from './layer_norm.ts';
import { type Packed, packed } from './packed.ts';
import { STATES } from './scan.ts';

/** Parameters of both directions, forward first, row-major; f features, 1 to 4, and a rank of r. */
export interface ChannelScanParameters {
  /** From a mean to its features, and from features to one value again: both, or neither, where the one feature is the mean. */
  readonly lift?: { readonly weight: ArrayLike<number>; readonly bias: ArrayLike<number> };
  readonly lower?: { readonly weight: ArrayLike<number>; readonly bias: ArrayLike<number> };
  /** From features to r, B and C: [2, r + 32, f]. */
  readonly projection: ArrayLike<number>;
  /** From r to step sizes before softplus: [2, f, r] and [2, f]. */
  readonly stepWeight: ArrayLike<number>;
  readonly stepBias: ArrayLike<number>;
  /** A, negative, [2, f, 16], and D, [2, f]. */
  readonly a: ArrayLike<number>;
  readonly d: ArrayLike<number>;
}

/** What `channelScanWeights` packs. */
export type ChannelScanWeights = Packed;

/** Parts of the sum over states, each of four of them in one direction, as channel_scan.frag adds them up. */
const STATES_OF_PART = 4;
const PARTS_EACH_WAY = STATES / STATES_OF_PART;
const PARTS = 2 * PARTS_EACH_WAY;
/** Columns of the packed weights, as channel_scan.frag names them. */
const INPUT = 0;
const DELTA = 2;
const B = 4;
const C = 6;
const A = 8;
const SKIP = 12;
const WIDTH = 13;

/** @throws InputError when there are more than four features, or lengths disagree. */
export function channelScanWeights(engine: Engine, parameters: ChannelScanParameters): ChannelScanWeights {
  const { lift, lower, projection, stepWeight, stepBias, a, d } = parameters;
  const features = d.length / 2;
  const rank = stepWeight.length / d.length;
  checkLengths(parameters, features, rank);

  const feature = (f: number, x: number): number => (lift?.weight[f] ?? 1) * x + (lift?.bias[f] ?? 0);
  const lowered = (f: number, x: number): number => (lower?.weight[f] ?? 1) * feature(f, x);
  const texels = new Float32Array(PARTS * WIDTH * 4);
  for (let part = 0; part < PARTS; part++) {
    const k = Math.floor(part / PARTS_EACH_WAY);
    const firstState = (part % PARTS_EACH_WAY) * STATES_OF_PART;
    const put = (column: number, i: number, value: number): void => {
      texels[(part * WIDTH + column) * 4 + i] = value;
    };
    /** Of something linear in x its slope, and beside it its offset. */
    const putLine = (column: number, i: number, of: (x: number) => number): void => {
      put(column, i, of(1) - of(0));
      put(column + 1, i, of(0));
    };
    const projected = (i: number, x: number): number =>
      sum(features, (f) => projection[(k * (rank + 2 * STATES) + i) * features + f] * feature(f, x));
    for (let f = 0; f < features; f++) {
      const at = k * features + f;
      putLine(INPUT, f, (x) => lowered(f, x));
      putLine(DELTA, f, (x) => stepBias[at] + sum(rank, (r) => stepWeight[at * rank + r] * projected(r, x)));
      for (let n = 0; n < STATES_OF_PART; n++) put(A + n, f, a[at * STATES + firstState + n] * Math.LOG2E);
    }
    for (let n = 0; n < STATES_OF_PART; n++) {
      putLine(B, n, (x) => projected(rank + firstState + n, x));
      putLine(C, n, (x) => projected(rank + STATES + firstState + n, x));
    }
    if (firstState > 0) continue;
    const skip = (x: number): number => sum(features, (f) => d[k * features + f] * lowered(f, x));
    put(SKIP, 0, skip(1) - skip(0));
    put(SKIP, 1, skip(0) + (k === 0 ? (lower?.bias[0] ?? 0) : 0)); // once, not in both directions
  }
  return packed(engine.weights(texels, WIDTH, PARTS), {});
}

function checkLengths(parameters: ChannelScanParameters, features: number, rank: number): void {
  const { lift, lower, projection, stepWeight, stepBias, a, d } = parameters;
  if (![1, 2, 3, 4].includes(features))
    throw new InputError(`A scan over channels has a D for one to four features in two directions, not ${d.length}.`);
  if (!(Number.isInteger(rank) && rank > 0))
    throw new InputError(
      `Step sizes of a scan over channels have a multiple of ${d.length} weights, not ${stepWeight.length}.`,
    );
  if (!lift !== !lower || (features > 1 && !lift))
    throw new InputError(
      `A scan over channels with ${features} features has a lift and a way back, or one feature and neither.`,
    );
  const expect = (name: string, values: ArrayLike<number> | undefined, length: number): void => {
    if (values) expectLength(`${name} of a scan over channels with ${features} features`, values, length);
  };
  expect('the lift', lift?.weight, features);
  expect('the lift’s bias', lift?.bias, features);
  expect('the way back', lower?.weight, features);
  expect('the bias of the way back', lower?.bias, 1);
  expect('the projection', projection, 2 * (rank + 2 * STATES) * features);
  expect('the bias of step sizes', stepBias, d.length);
  expect('A', a, d.length * STATES);
}

function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

/**
 * @param means of the channels, [n, c, 1, 1]
 * @param norm over the c values, with a bias
 * @returns [n, c, 1, 1]
 * @throws InputError when shapes do not match.
 */
export function channelScan(
  engine: Recorder,
  means: Tensor,
  { texels }: ChannelScanWeights,
  norm: NormWeights,
): Tensor {
  const [n, channels] = means.shape;
  expectShape('the means of channels', means, [n, norm.channels, 1, 1]);
  if (!norm.centred)
    throw new InputError('A scan over channels ends with a layer norm with a bias, not a bias-free one.');
  const scan = { means, weights: texels, channels };
  using parts = compute(
    engine,
    { shader: scanShader },
    [n, 4 * PARTS, 1, means.quads],
    scan,
    WIDTH + means.quads,
    'exact',
  );
  const inputs = { x: parts, weights: norm.texels, channels, epsilon: norm.epsilon };
  return compute(engine, { shader: normShader }, means.shape, inputs, 4 * channels + 10);
}
