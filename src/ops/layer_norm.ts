import normShader from '../glsl/layer_norm.frag';
import statsShader from '../glsl/layer_norm_stats.frag';
import type { Engine, Recorder } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Kernel } from '../tensor/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from '../tensor/weights.ts';
import { expectShape, requireShape } from './check.ts';
import { compute } from './compute.ts';
import type { NormParameters } from './conv2d.ts';

export interface NormWeights {
  readonly texels: Weights;
  readonly channels: number;
  /** Whether the mean is subtracted: not in the bias-free kind. */
  readonly centred: boolean;
  dispose(): void;
}

/** Packs a layer norm's parameters; without a bias it is the bias-free kind. @throws InputError when lengths disagree. */
export function layerNormWeights(engine: Engine, { weight, bias }: NormParameters): NormWeights {
  const channels = weight.length;
  if (channels === 0) throw new InputError('A layer norm has a weight for each channel, not none.');
  if (bias && bias.length !== channels)
    throw new InputError(`A layer norm of ${channels} channels has ${channels} biases, not ${bias.length}.`);
  const texels = new Float32Array(quadsOf(channels) * 8);
  for (let c = 0; c < channels; c++) {
    texels[(c >> 2) * 8 + (c & 3)] = weight[c];
    texels[(c >> 2) * 8 + 4 + (c & 3)] = bias?.[c] ?? 0;
  }
  const packed = engine.weights(texels, 2, quadsOf(channels));
  return { texels: packed, channels, centred: bias !== undefined, dispose: () => packed.dispose() };
}

/**
 * Statistics over the channels of each pixel.
 * @param x [n, c, h, w]
 * @param centred whether the norm subtracts the mean; if not, the mean is given as 0
 * @returns [n, 2, h, w]: mean, 1 / sqrt(variance + 1e-5)
 */
export function layerNormStats(engine: Recorder, x: Tensor, centred = true): Tensor {
  const [n, c, h, w] = x.shape;
  const kernel: Kernel = { shader: statsShader, constants: centred ? {} : { KEEP_MEAN: 1 } };
  return compute(engine, kernel, [n, 2, h, w], { x, x_quads: x.quads, channels: c }, 16 * x.quads, 'exact');
}

/**
 * Layer norm over the channels of each pixel, eps 1e-5, biased variance.
 * @param x [n, c, h, w]
 * @param gate [n, c, h, w]: its silu multiplies the result
 * @throws InputError when shapes do not match.
 */
export function layerNorm(engine: Recorder, x: Tensor, weights: NormWeights, gate?: Tensor): Tensor {
  const [n, , h, w] = x.shape;
  expectShape('the input of a layer norm', x, [n, weights.channels, h, w]);
  const z = gate && requireShape('the gate of a layer norm', gate, x.shape);
  using stats = layerNormStats(engine, x, weights.centred);
  const inputs = { x, stats, weights: weights.texels };
  if (!z) return compute(engine, { shader: normShader }, x.shape, inputs, 18);
  return compute(engine, { shader: normShader, constants: { SILU_GATE: 1 } }, x.shape, { ...inputs, z }, 26);
}
