import { type Array4, index, zeros } from './array.ts';

const EPSILON = 1e-5;

/**
 * Every pixel normalised over its channels. With mean m and variance v = mean of (x - m)^2 (divided by C, not C - 1):
 *
 *   with a bias   y = (x - m) / sqrt(v + 1e-5) * weight + bias
 *   without one   y = x / sqrt(v + 1e-5) * weight          ("BiasFree": the mean enters the deviation only)
 *
 * x (n, C, h, w), weight (C), bias (C) or none; returns (n, C, h, w).
 */
export function layerNorm(x: Array4, weight: ArrayLike<number>, bias?: ArrayLike<number>): Array4 {
  const [batch, channels, height, width] = x.shape;
  if (weight.length !== channels) throw new Error(`${weight.length} norm weights for ${channels} channels`);
  if (bias && bias.length !== channels) throw new Error(`${bias.length} norm biases for ${channels} channels`);
  const out = zeros(x.shape);
  const stride = height * width;
  for (let n = 0; n < batch; n++) {
    for (let pixel = 0; pixel < stride; pixel++) {
      const first = index(x.shape, n, 0, 0, 0) + pixel;
      let mean = 0;
      for (let c = 0; c < channels; c++) mean += x.data[first + c * stride] / channels;
      let variance = 0;
      for (let c = 0; c < channels; c++) variance += (x.data[first + c * stride] - mean) ** 2 / channels;
      const deviation = Math.sqrt(variance + EPSILON);
      for (let c = 0; c < channels; c++) {
        const i = first + c * stride;
        out.data[i] = bias
          ? ((x.data[i] - mean) / deviation) * weight[c] + bias[c]
          : (x.data[i] / deviation) * weight[c];
      }
    }
  }
  return out;
}
