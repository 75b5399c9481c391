import { type Array4, count, index, type Values, zeros } from './array.ts';

/**
 * Convolution with stride 1 and zeros around the picture, so that it keeps its size:
 *
 *   y[n, o, v, u] = bias[o] + sum over i, j, k of weight[o, i, j, k] x[n, first + i, v + j - r, u + k - r]
 *
 * x       (n, in, h, w)
 * weight  (out, in / groups, 2r + 1, 2r + 1)
 * bias    (out), or none
 * groups  input and output channels fall into this many runs that do not mix; `in` of them is a depthwise convolution
 * returns (n, out, h, w)
 */
export function conv2d(x: Array4, weight: Values, bias?: ArrayLike<number>, groups = 1): Array4 {
  const [batch, inputs, height, width] = x.shape;
  const [outputs, fanIn, size, sizeX] = weight.shape;
  if (weight.shape.length !== 4 || size !== sizeX || size % 2 === 0)
    throw new Error(`a convolution takes (out, in, k, k) weights with k odd, not [${weight.shape}]`);
  if (fanIn * groups !== inputs || outputs % groups !== 0)
    throw new Error(`weights [${weight.shape}] in ${groups} groups do not fit ${inputs} channels`);
  if (weight.data.length !== count(weight.shape)) throw new Error(`the weights do not fill [${weight.shape}]`);
  if (bias && bias.length !== outputs) throw new Error(`${bias.length} biases for ${outputs} channels`);

  const radius = (size - 1) / 2;
  const out = zeros([batch, outputs, height, width]);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const target = index(out.shape, n, o, 0, 0);
      if (bias) out.data.fill(bias[o], target, target + height * width);
      const first = Math.floor(o / (outputs / groups)) * fanIn;
      for (let i = 0; i < fanIn; i++) {
        const source = index(x.shape, n, first + i, 0, 0);
        for (let j = 0; j < size; j++)
          for (let k = 0; k < size; k++) {
            const factor = weight.data[((o * fanIn + i) * size + j) * size + k];
            addShifted(out.data, target, x.data, source, height, width, j - radius, k - radius, factor);
          }
      }
    }
  }
  return out;
}

/** out[v, u] += factor * x[v + dy, u + dx] wherever that lies inside the picture. */
function addShifted(
  out: Float64Array,
  target: number,
  x: Float64Array,
  source: number,
  height: number,
  width: number,
  dy: number,
  dx: number,
  factor: number,
): void {
  for (let v = Math.max(0, -dy); v < Math.min(height, height - dy); v++) {
    const to = target + v * width;
    const from = source + (v + dy) * width + dx;
    for (let u = Math.max(0, -dx); u < Math.min(width, width - dx); u++) out[to + u] += factor * x[from + u];
  }
}
