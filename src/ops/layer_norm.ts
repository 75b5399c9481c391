import normShader from '../glsl/layer_norm.frag';
import statsShader from '../glsl/layer_norm_stats.frag';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Kernel } from '../tensor/program.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectShape, requireShape } from './check.ts';
import { compute } from './compute.ts';
import type { NormParameters } from './conv2d.ts';
import { type Packed, packed } from './packed.ts';

export interface NormWeights extends Packed {
  readonly channels: number;
  /** Whether the mean is subtracted: not in the bias-free kind. */
  readonly centred: boolean;
  /** What is added to the variance. */
  readonly epsilon: number;
}

/** Added to the variance unless told. */
const EPSILON = 1e-5;

/**
 * Packs a layer norm's parameters; without a bias it is the bias-free kind.
 * @param epsilon added to the variance: for an input that is `s` times the true one, 1e-5 `s`^2 gives the true result
 * @throws InputError when lengths disagree or epsilon is not above 0.
 */
export function layerNormWeights(
  engine: Engine,
  { weight, bias }: NormParameters,
  epsilon: number = EPSILON,
): NormWeights {
  expectEpsilon(epsilon);
  const channels = weight.length;
  if (channels === 0) throw new InputError('A layer norm has a weight for each channel, not none.');
  if (bias && bias.length !== channels)
    throw new InputError(`A layer norm of ${channels} channels has ${channels} biases, not ${bias.length}.`);
  const texels = new Float32Array(quadsOf(channels) * 8);
  for (let c = 0; c < channels; c++) {
    texels[(c >> 2) * 8 + (c & 3)] = weight[c];
    texels[(c >> 2) * 8 + 4 + (c & 3)] = bias?.[c] ?? 0;
  }
  return packed(engine.weights(texels, 2, quadsOf(channels)), { channels, centred: bias !== undefined, epsilon });
}

function expectEpsilon(epsilon: number): void {
  if (!(epsilon > 0)) throw new InputError(`The epsilon of a layer norm is a number above 0, not ${epsilon}.`);
}

/**
 * Statistics over the channels of each pixel.
 * @param x [n, c, h, w]
 * @param centred whether the norm subtracts the mean; if not, the mean is given as 0
 * @returns [n, 2, h, w]: mean, 1 / sqrt(variance + epsilon)
 * @throws InputError when epsilon is not above 0.
 */
export function layerNormStats(engine: Recorder, x: Tensor, centred = true, epsilon: number = EPSILON): Tensor {
  expectEpsilon(epsilon);
  const [n, c, h, w] = x.shape;
  const kernel: Kernel = { shader: statsShader, constants: centred ? {} : { KEEP_MEAN: 1 } };
  const inputs = { x, x_quads: x.quads, channels: c, epsilon };
  return compute(engine, kernel, [n, 2, h, w], inputs, 8 * (x.quads + 1), 'exact');
}

/**
 * Layer norm over the channels of each pixel, biased variance.
 * @param x [n, c, h, w]
 * @param gate [n, c, h, w]: its silu multiplies the result
 * @throws InputError when shapes do not match.
 */
export function layerNorm(engine: Recorder, x: Tensor, weights: NormWeights, gate?: Tensor): Tensor {
  const [n, , h, w] = x.shape;
  expectShape('the input of a layer norm', x, [n, weights.channels, h, w]);
  const z = gate && requireShape('the gate of a layer norm', gate, x.shape);
  using stats = layerNormStats(engine, x, weights.centred, weights.epsilon);
  const inputs = { x, stats, weights: weights.texels };
  if (!z) return compute(engine, { shader: normShader }, x.shape, inputs, 18);
  return compute(engine, { shader: normShader, constants: { SILU_GATE: 1 } }, x.shape, { ...inputs, z }, 26);
}
