import conv1x1 from '../glsl/conv1x1.frag';
import conv3x3 from '../glsl/conv3x3.frag';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { quadsOf, type Shape } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectChoice, expectRange, expectShape, requireParts, requireShape } from './check.ts';
import { compute } from './compute.ts';
import { type Packed, packed } from './packed.ts';

/** A layer norm's own parameters, one value a channel; the bias-free kind has no bias. */
export interface NormParameters {
  readonly weight: ArrayLike<number>;
  readonly bias?: ArrayLike<number>;
}

export interface ConvParameters {
  /** [out, in, k, k], row-major, k = 1 or 3. */
  readonly weight: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly bias?: ArrayLike<number>;
  /** Sizes of the parts of the output that begin at a quad of their own, so that each can be taken as a view; they add up to out. */
  readonly parts?: readonly number[];
  /** Layer norm ahead of a 1x1 convolution: its weight and bias are folded in, its statistics are given with each call. */
  readonly norm?: NormParameters;
}

export interface ConvWeights extends Packed {
  readonly kernel: number;
  readonly inChannels: number;
  /** Channels of the result, counting those that fill up a part to whole quads. */
  readonly outChannels: number;
  /** Where each part ends, in these channels. */
  readonly partEnds: readonly number[];
  readonly normed: boolean;
}

/** Packs a convolution's parameters. @throws InputError when lengths and shape disagree. */
export function convWeights(engine: Engine, { weight, shape, bias, parts, norm }: ConvParameters): ConvWeights {
  const [out, inChannels, kernel] = shape;
  const positive = shape.every((n) => Number.isInteger(n) && n > 0);
  if (!positive || shape.length !== 4 || (kernel !== 1 && kernel !== 3) || shape[3] !== kernel) {
    throw new InputError(
      `A convolution has weights of shape [out, in, 1, 1] or [out, in, 3, 3], not [${shape.join(', ')}].`,
    );
  }
  const taps = kernel * kernel;
  if (weight.length !== out * inChannels * taps)
    throw new InputError(
      `Weights of shape [${shape.join(', ')}] have ${out * inChannels * taps} values, not ${weight.length}.`,
    );
  if (bias && bias.length !== out)
    throw new InputError(`A convolution to ${out} channels has ${out} biases, not ${bias.length}.`);
  if (norm && (kernel !== 1 || norm.weight.length !== inChannels))
    throw new InputError(
      `A norm of ${norm.weight.length} channels cannot precede a ${kernel}x${kernel} convolution of ${inChannels}.`,
    );
  if (norm?.bias && norm.bias.length !== inChannels)
    throw new InputError(`A norm of ${inChannels} channels has ${inChannels} biases, not ${norm.bias.length}.`);

  const sizes = requireParts(parts, out);
  const width = 4 * quadsOf(inChannels) + 1;
  const rows = sizes.reduce((sum, size) => sum + quadsOf(size), 0) * taps;
  const texels = new Float32Array(width * rows * 4);
  const partEnds: number[] = [];
  let channel = 0;
  let firstRow = 0;
  for (const size of sizes) {
    for (let k = 0; k < size; k++, channel++) {
      const lane = k & 3;
      const row = firstRow + (k >> 2) * taps;
      let constant = bias?.[channel] ?? 0;
      for (let i = 0; i < inChannels; i++) {
        for (let tap = 0; tap < taps; tap++) {
          const w = weight[(channel * inChannels + i) * taps + tap];
          texels[((row + tap) * width + i) * 4 + lane] = w * (norm?.weight[i] ?? 1);
          constant += w * (norm?.bias?.[i] ?? 0);
        }
      }
      texels[(row * width + width - 1) * 4 + lane] = constant;
    }
    partEnds.push((firstRow / taps) * 4 + size);
    firstRow += quadsOf(size) * taps;
  }
  const outChannels = partEnds[partEnds.length - 1];
  const facts = { kernel, inChannels, outChannels, partEnds, normed: norm !== undefined };
  return packed(engine.weights(texels, width, rows), facts);
}

export interface ConvOptions {
  /** [n, 2, h, w], from `layerNormStats`, for weights with a norm folded in. */
  readonly stats?: Tensor;
  /** Per-channel values [n, in, 1, 1], added to the input or multiplied with it and added (x g + x). 1x1 only. */
  readonly channel?: { readonly values: Tensor; readonly merge: 'add' | 'gate' };
  /** Applied to the result, before the residual. 1x1 only. */
  readonly activation?: 'silu';
  /** Added to the result, of the same shape. */
  readonly residual?: Tensor;
  /** Channel of the weights' input where x begins, for an input that comes in several tensors; the bias goes with channel 0. */
  readonly from?: number;
  /** Some of the output channels: first and number. It begins at a multiple of 4 and ends at one, or where a part ends. */
  readonly range?: readonly [number, number];
  /**
   * Some of the channels of each of two equal parts: first (a multiple of 4) and number. Those of the second part begin at a whole quad in the
   * result too. 1x1 only.
   */
  readonly ofBothParts?: readonly [number, number];
  /** Where to write the result, instead of a new tensor. */
  readonly into?: Tensor;
}

/**
 * Convolution, stride 1, zero padding that keeps the size.
 * @param x [n, in, h, w], or some of the input channels with `from`
 * @returns [n, out, h, w], where `out` is the weights' `outChannels`, the number in `range`, or that in `ofBothParts`, rounded up to whole quads, and
 * once more; with `into` that tensor
 * @throws InputError when shapes do not match.
 */
export function conv2d(engine: Recorder, x: Tensor, weights: ConvWeights, options: ConvOptions = {}): Tensor {
  const [n, channels, h, w] = x.shape;
  const { stats, channel, activation, residual, from = 0 } = options;
  const { channels: count, uniforms: rows } = outputOf(weights, options);
  if (options.from === undefined) expectShape('the input of a convolution', x, [n, weights.inChannels, h, w]);
  else expectRange(`a convolution's input of ${weights.inChannels}`, from, channels, [weights.inChannels]);
  if (weights.kernel !== 1 && (channel || activation || options.ofBothParts))
    throw new InputError('Only a 1x1 convolution takes channel values, an activation or channels of both parts.');
  if (weights.normed !== (stats !== undefined))
    throw new InputError('A convolution takes statistics exactly when its weights have a norm folded in.');
  expectChoice('The activation of a convolution', activation, ['silu']);
  expectChoice('The merge of channel values', channel?.merge, ['add', 'gate']);
  const shape: Shape = [n, count, h, w];
  const inputs = { x, weights: weights.texels, x_quads: x.quads, first_input: from, ...rows };
  const constants: Record<string, number> = {};
  const extra: Record<string, Tensor | number> = {};
  if (stats) {
    constants.NORM = 1;
    extra.stats = requireShape('the statistics of a norm', stats, [n, 2, h, w]);
  }
  if (channel) {
    constants[channel.merge === 'add' ? 'ADD_CHANNEL' : 'GATE_CHANNEL'] = 1;
    extra.g = requireShape('the channel values of a convolution', channel.values, [n, channels, 1, 1]);
  }
  if (activation === 'silu') constants.SILU = 1;
  if (residual) {
    constants.RESIDUAL = 1;
    extra.residual = requireShape('the residual of a convolution', residual, shape);
  }
  const fetches = x.quads * (weights.kernel === 1 ? 12 : 66);
  const convolution = { shader: weights.kernel === 1 ? conv1x1 : conv3x3, constants };
  const { into } = options;
  if (!into) return compute(engine, convolution, shape, { ...inputs, ...extra }, fetches);
  expectShape('the output of a convolution', into, shape);
  engine.draw(convolution, into, { ...inputs, ...extra }, fetches);
  return into;
}

/** Number of channels that are wanted, and where kernels find their weights. @throws InputError when there are none such. */
function outputOf(
  { kernel, outChannels, partEnds }: ConvWeights,
  { range, ofBothParts }: ConvOptions,
): { channels: number; uniforms: Record<string, number | number[]> } {
  if (range && ofBothParts)
    throw new InputError('A convolution takes a range of all channels or of both parts, not both.');
  const [first, count] = ofBothParts ?? range ?? [0, outChannels];
  const row = first / 4;
  if (ofBothParts) {
    const [part, end] = partEnds;
    const second = quadsOf(part);
    if (partEnds.length !== 2 || end !== 4 * second + part)
      throw new InputError(
        `Channels of both parts need weights with two equal parts, not with parts that end at ${partEnds.join(', ')}.`,
      );
    expectRange(`parts of ${part}`, first, count, [part]);
    const quads = quadsOf(count);
    return { channels: 4 * quads + count, uniforms: { rows: [row, second + row], part: quads } };
  }
  expectRange(`a convolution to ${outChannels}`, first, count, partEnds);
  if (kernel === 3) return { channels: count, uniforms: { first_row: row } };
  return { channels: count, uniforms: { rows: [row, 0], part: quadsOf(count) } };
}
