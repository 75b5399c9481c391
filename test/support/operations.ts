/**
 * One small and awkward case of every operation and of each of its options, for tests of what has to hold for all of them: odd sizes,
 * widths that end within a brick, channels that end within a quad, two pictures.
 */
import { type ChannelScanParameters, channelScan, channelScanWeights } from '../../src/ops/channel_scan.ts';
import { type ConvOptions, type ConvParameters, conv2d, convWeights } from '../../src/ops/conv2d.ts';
import { type DepthwiseOptions, depthwiseConv2d, depthwiseWeights } from '../../src/ops/depthwise.ts';
import { add, gelu, multiply, silu, softplus } from '../../src/ops/elementwise.ts';
import { globalMean } from '../../src/ops/global_mean.ts';
import { layerNorm, layerNormStats, layerNormWeights } from '../../src/ops/layer_norm.ts';
import { concat, pixelShuffle, pixelUnshuffle, transpose, upsampleNearest } from '../../src/ops/rearrange.ts';
import { type ScanOrder, scanWeights, selectiveScan } from '../../src/ops/scan.ts';
import { channelsBothWays, stepSizes } from '../../src/ops/step_sizes.ts';
import { pictureToTensor } from '../../src/restore/image.ts';
import { quadsOf } from '../../src/tensor/layout.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Array4, normal, type Shape4, uniform } from '../reference/array.ts';
import { type Operation, using } from './engine.ts';

export interface Case {
  readonly name: string;
  readonly inputs: readonly Array4[];
  readonly run: Operation;
}

const [h, w] = [5, 11];

/** [2, c, h, w], another one for each seed. */
const x = (c: number, seed = 1): Array4 => normal([2, c, h, w], seed);
/** Parameters: `n` numbers. */
const p = (n: number, seed = 2): Float64Array => uniform([1, 1, 1, n], seed).data;
/** Positive, below 1. */
const steps = (shape: Shape4): Array4 => uniform(shape, 3, 0.01, 0.5);

const cases: Case[] = [];

function define(name: string, inputs: readonly Array4[], run: Operation): void {
  cases.push({ name, inputs, run });
}

function conv(
  name: string,
  [inputs, out, kernel]: [number, number, number],
  extra: Partial<ConvParameters> = {},
  rest: readonly Array4[] = [],
  options: (...rest: Tensor[]) => ConvOptions = () => ({}),
): void {
  const parameters = { weight: p(out * inputs * kernel * kernel), shape: [out, inputs, kernel, kernel], bias: p(out) };
  define(`conv${kernel}x${kernel} ${name}`, [x(inputs), ...rest], (engine, input, ...tensors) =>
    using(convWeights(engine, { ...parameters, ...extra }), (weights) => {
      if (!extra.norm) return conv2d(engine, input, weights, options(...tensors));
      using stats = layerNormStats(engine, input, extra.norm.bias !== undefined);
      return conv2d(engine, input, weights, { ...options(...tensors), stats });
    }),
  );
}

conv('of one channel', [1, 1, 1]);
conv('of many', [22, 23, 1]);
conv('with parts', [5, 9, 1], { parts: [3, 6] });
conv('of a part', [5, 9, 1], { parts: [3, 6] }, [], () => ({ range: [0, 3] }));
conv('with a residual', [6, 7, 1], {}, [x(7, 4)], (residual) => ({ residual }));
conv('after a norm', [5, 7, 1], { norm: { weight: p(5), bias: p(5, 5) } });
conv('after a bias-free norm', [5, 7, 1], { norm: { weight: p(5) } });
conv('with silu', [5, 7, 1], {}, [], () => ({ activation: 'silu' }));
for (const merge of ['add', 'gate'] as const) {
  conv(`, channels ${merge}`, [5, 7, 1], {}, [normal([2, 5, 1, 1], 4)], (values) => ({ channel: { values, merge } }));
}
conv('of one channel', [1, 1, 3]);
conv('of many', [22, 23, 3]);
conv('with parts', [5, 9, 3], { parts: [3, 6] });
conv('with a residual', [6, 7, 3], {}, [x(7, 4)], (residual) => ({ residual }));

for (const kernel of [1, 3]) {
  const parameters = { weight: p(7 * 11 * kernel * kernel), shape: [7, 11, kernel, kernel], bias: p(7) };
  define(`conv${kernel}x${kernel} of two tensors`, [x(8), x(3, 4)], (engine, first, second) =>
    using(convWeights(engine, parameters), (weights) => {
      using residual = conv2d(engine, first, weights, { from: 0 });
      return conv2d(engine, second, weights, { from: 8, residual });
    }),
  );
}

function depthwise(name: string, c: number, options: DepthwiseOptions = {}, parts?: readonly number[]): void {
  // Of two parts, or of a range of both, the first is filled up to whole quads.
  const count = options.range?.[1] ?? parts?.[0];
  const channels = count ? 4 * quadsOf(count) + count : c;
  define(`depthwise ${name}`, [x(channels)], (engine, input) =>
    using(depthwiseWeights(engine, { weight: p(9 * c), bias: p(c), parts }), (weights) =>
      depthwiseConv2d(engine, input, weights, options),
    ),
  );
}

depthwise('plain', 7);
depthwise('with silu', 7, { activation: 'silu' });
depthwise('with a gate', 10, { activation: 'gelu-gate' }, [5, 5]);
depthwise('with a gate, a range', 22, { activation: 'gelu-gate', range: [4, 7] }, [11, 11]);

for (const bias of [p(7, 5), undefined]) {
  const kind = bias ? '' : ', bias-free';
  define(`layer norm${kind}`, [x(7)], (engine, t) =>
    using(layerNormWeights(engine, { weight: p(7), bias }), (weights) => layerNorm(engine, t, weights)),
  );
  define(`gated layer norm${kind}`, [x(7), x(7, 4)], (engine, t, gate) =>
    using(layerNormWeights(engine, { weight: p(7), bias }), (weights) => layerNorm(engine, t, weights, gate)),
  );
  define(`layer norm statistics${kind}`, [x(7)], (engine, t) => layerNormStats(engine, t, bias !== undefined));
}

define('add', [x(7), x(7, 4)], add);
define('multiply', [x(7), x(7, 4)], multiply);
define('silu', [x(7)], silu);
define('gelu', [x(7)], gelu);
define('softplus', [x(7)], softplus);

define('concat after whole quads', [x(8), x(3, 4)], concat);
define('concat within a quad', [x(6), x(5, 4)], concat);
define('pixel shuffle', [x(20)], pixelShuffle);
define('pixel shuffle into a view', [x(20), normal([2, 13, 2 * h, 2 * w], 4)], (engine, t, target) =>
  pixelShuffle(engine, t, target.channels(8, 5)));
define('pixel unshuffle', [normal([2, 5, 6, 22], 1)], pixelUnshuffle);
define('nearest neighbour', [x(5)], (engine, t) => upsampleNearest(engine, t, 3));
define('transpose', [x(5)], (engine, t) => transpose(engine, t));
define('transpose and sum', [x(5), normal([2, 5, w, h], 4)], transpose);
define('global mean', [normal([2, 5, 13, 70], 1)], globalMean);
define('picture to tensor', [], (engine) => {
  const pixels = Uint8ClampedArray.from({ length: 7 * 3 * 4 }, (_, i) => i * 3);
  using picture = engine.picture(7, 3, new ImageData(pixels, 7, 3));
  return pictureToTensor(engine, picture, 5);
});

for (const parts of [[7], [7, 7]]) {
  const ways = parts.length;
  const parameters = { weight: p(7 * 5 * ways), shape: [7 * ways, 5, 1, 1], bias: p(7 * ways), parts };
  define(`step sizes of ${ways}`, [x(ways === 2 ? channelsBothWays(5) : 5)], (engine, dt) =>
    using(convWeights(engine, parameters), (weights) => stepSizes(engine, dt, weights)),
  );
}

function scan(name: string, shape: Shape4, order: ScanOrder = 'forward'): void {
  const [n, c, height, width] = shape;
  const directions = order === 'both' ? 2 : 1;
  const a = p(16 * c * directions).map((v) => -1 - v * v);
  const states = (seed: number) => normal([n, 16 * directions, height, width], seed);
  const delta = steps([n, order === 'both' ? channelsBothWays(c) : c, height, width]);
  define(`scan ${name}`, [normal(shape, 1), delta, states(4), states(5)], (engine, u, stepSizes, b, c4) =>
    using(scanWeights(engine, a, p(c * directions), directions), (weights) =>
      selectiveScan(engine, { u, delta: stepSizes, b, c: c4, weights }, { order }),
    ),
  );
}

scan('of one step', [2, 5, 1, 1]);
scan('of a row', [2, 5, 1, 37]);
scan('of a picture', [2, 5, 9, 11]);
scan('in reverse', [2, 5, 9, 11], 'reverse');
scan('with three levels', [1, 3, 40, 11]);
scan('both ways', [2, 5, 9, 11], 'both');

/** Of a scan over channels with so many features and such a rank, lifted where there are several. */
export function channelScanParameters(features: number, rank: number): ChannelScanParameters {
  const affine = (count: number, seed: number) => ({ weight: p(features, seed), bias: p(count, seed + 1) });
  return {
    lift: features > 1 ? affine(features, 11) : undefined,
    lower: features > 1 ? affine(1, 13) : undefined,
    projection: p(2 * (rank + 32) * features, 15),
    stepWeight: p(2 * features * rank, 16),
    stepBias: p(2 * features, 17),
    a: p(2 * features * 16, 18).map((v) => -1 - v * v),
    d: p(2 * features, 19),
  };
}

define('channel scan', [normal([2, 11, 1, 1], 1)], (engine, means) =>
  using(channelScanWeights(engine, channelScanParameters(2, 3)), (weights) =>
    using(layerNormWeights(engine, { weight: p(11), bias: p(11, 5) }), (norm) =>
      channelScan(engine, means, weights, norm),
    ),
  ));

export const OPERATIONS: readonly Case[] = cases;

/** Fewer and faster, for tests that repeat them. */
export const MIX: readonly Case[] = cases.filter(({ name }) =>
  [
    'conv3x3 of many',
    'conv1x1 after a norm',
    'gated layer norm',
    'global mean',
    'concat within a quad',
    'scan both ways',
  ].includes(name),
);
