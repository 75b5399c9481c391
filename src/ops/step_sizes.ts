import shader from '../glsl/step_sizes.frag';
import { InputError } from '../tensor/errors.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectRange, expectShape } from './check.ts';
import { compute } from './compute.ts';
import type { ConvWeights } from './conv2d.ts';

/**
 * Channels of a tensor that holds `channels` for each direction of a scan both ways: the second half begins at a whole quad, so 5 and 5 are 13.
 * What lies between may be any finite number.
 */
export const channelsBothWays = (channels: number): number => 4 * quadsOf(channels) + channels;

/**
 * Step sizes of a selective scan: softplus of a 1x1 convolution, for one direction or, from weights with two equal parts, for both.
 * @param dt [n, r, h, w]; both ways, as many channels again from the next whole quad on
 * @param weights from `convWeights`; both ways, of [2c, r, 1, 1] with parts [c, c]
 * @param range of each direction's channels, first (a multiple of 4) and number
 * @returns [n, c, h, w]; both ways, as many channels again from the next whole quad on, and zero between
 * @throws InputError when shapes do not match, the weights are others or the range is none of theirs.
 */
export function stepSizes(
  engine: Recorder,
  dt: Tensor,
  weights: ConvWeights,
  range?: readonly [number, number],
): Tensor {
  const { kernel, normed, inChannels, partEnds } = weights;
  const [channels] = partEnds;
  const both = partEnds.length === 2;
  if (kernel !== 1 || normed || partEnds.length > 2 || (both && partEnds[1] !== channelsBothWays(channels)))
    throw new InputError('Step sizes take weights of a 1x1 convolution without norm, in one part or two equal ones.');
  const [n, , h, w] = dt.shape;
  expectShape('dt of step sizes', dt, [n, both ? channelsBothWays(inChannels) : inChannels, h, w]);
  const [first, count] = range ?? [0, channels];
  expectRange(`step sizes of ${channels}`, first, count, [channels]);
  const inputs = {
    dt,
    dt_quads: quadsOf(inChannels),
    weights: weights.texels,
    rows: [first / 4, quadsOf(channels) + first / 4],
    quads: quadsOf(count),
    channels: count,
  };
  const shape = [n, both ? channelsBothWays(count) : count, h, w] as const;
  return compute(engine, { shader }, shape, inputs, 12 * quadsOf(inChannels) + 1);
}
