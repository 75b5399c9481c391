import shader from '../glsl/depthwise3x3.frag';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectChoice, expectRange, expectShape, requireParts } from './check.ts';
import { compute } from './compute.ts';
import { type Packed, packed } from './packed.ts';

export interface DepthwiseParameters {
  /** [channels, 1, 3, 3], row-major. */
  readonly weight: ArrayLike<number>;
  readonly bias?: ArrayLike<number>;
  /** Sizes of the parts of the channels that begin at a quad of their own, as in the convolution before. */
  readonly parts?: readonly number[];
}

export interface DepthwiseWeights extends Packed {
  /** Channels, counting those that fill up a part to whole quads. */
  readonly channels: number;
  readonly parts: readonly number[];
}

const COLUMNS = 10;

/** Packs a depthwise convolution's parameters. @throws InputError when lengths disagree. */
export function depthwiseWeights(engine: Engine, { weight, bias, parts }: DepthwiseParameters): DepthwiseWeights {
  const channels = weight.length / 9;
  if (!Number.isInteger(channels) || channels === 0)
    throw new InputError(`A depthwise 3x3 convolution has 9 weights a channel, not ${weight.length} in all.`);
  if (bias && bias.length !== channels)
    throw new InputError(`A depthwise convolution of ${channels} channels has ${channels} biases, not ${bias.length}.`);
  const sizes = requireParts(parts, channels);
  const rows = sizes.reduce((sum, size) => sum + quadsOf(size), 0);
  const texels = new Float32Array(rows * COLUMNS * 4);
  let channel = 0;
  let firstRow = 0;
  for (const size of sizes) {
    for (let k = 0; k < size; k++, channel++) {
      const at = (firstRow + (k >> 2)) * COLUMNS;
      for (let tap = 0; tap < 9; tap++) texels[(at + tap) * 4 + (k & 3)] = weight[channel * 9 + tap];
      texels[(at + 9) * 4 + (k & 3)] = bias?.[channel] ?? 0;
    }
    firstRow += quadsOf(size);
  }
  const last = sizes[sizes.length - 1];
  const filled = (rows - quadsOf(last)) * 4 + last;
  return packed(engine.weights(texels, COLUMNS, rows), { channels: filled, parts: sizes });
}

export interface DepthwiseOptions {
  /** 'gelu-gate': gelu of the first part times the second; the result has the channels of one part. */
  readonly activation?: 'silu' | 'gelu-gate';
  /** With 'gelu-gate': some of the channels of a part, first (a multiple of 4) and number; x then has just these of both parts. */
  readonly range?: readonly [number, number];
}

/**
 * Depthwise 3x3 convolution, stride 1, zero padding.
 * @param x [n, c, h, w]
 * @returns [n, c, h, w], or half the channels with 'gelu-gate'
 * @throws InputError when shapes do not match.
 */
export function depthwiseConv2d(
  engine: Recorder,
  x: Tensor,
  weights: DepthwiseWeights,
  { activation, range }: DepthwiseOptions = {},
): Tensor {
  expectChoice('The activation of a depthwise convolution', activation, ['silu', 'gelu-gate']);
  const [n, , h, w] = x.shape;
  const inputs = { x, weights: weights.texels };
  if (activation !== 'gelu-gate') {
    if (range) throw new InputError("Only 'gelu-gate' takes a range of channels.");
    expectShape('the input of a depthwise convolution', x, [n, weights.channels, h, w]);
    return compute(
      engine,
      { shader, constants: activation ? { SILU: 1 } : {} },
      x.shape,
      { ...inputs, first_row: 0 },
      40,
    );
  }
  const [half, other] = weights.parts;
  if (weights.parts.length !== 2 || half !== other)
    throw new InputError(`A gate takes two equal parts of channels, not ${weights.parts.join(' + ')}.`);
  const [first, count] = range ?? [0, half];
  expectRange(`a gate of ${half}`, first, count, [half]);
  expectShape('the input of a gate', x, [n, 4 * quadsOf(count) + count, h, w]);
  const gate = { shader, constants: { GELU_GATE: 1 } };
  const rows = { first_row: first / 4, half: [quadsOf(count), quadsOf(half)] };
  return compute(engine, gate, [n, count, h, w], { ...inputs, ...rows }, 80);
}
