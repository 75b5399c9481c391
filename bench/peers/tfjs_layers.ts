/** Layers composed from tfjs operations: NHWC, as tfjs prefers, biases fused into the convolutions. */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../../src/model/checkpoint.ts';
import { permute } from '../permute.ts';

/** Takes a tensor that lives until its owner disposes it. */
export type Keep = <T extends tf.Tensor>(tensor: T) => T;

export type Layer = (x: tf.Tensor4D) => tf.Tensor4D;

/** [out, in, k, k] as [k, k, in, out]; a bias has one value for each output channel. */
export function conv(
  weight: ArrayLike<number>,
  [out, inputs, height, width]: readonly number[],
  biases: ArrayLike<number> | undefined,
  keep: Keep,
): Layer {
  const values = permute(weight, [out, inputs, height, width], [2, 3, 1, 0]);
  const filter = keep(tf.tensor4d(values, [height, width, inputs, out]));
  const bias = biases && keep(tf.tensor1d(Float32Array.from(biases)));
  return (x) => tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias });
}

/** [channels, 1, 3, 3] as [3, 3, channels, 1]. */
export function depthwise(weight: ArrayLike<number>, biases: ArrayLike<number> | undefined, keep: Keep): Layer {
  const channels = weight.length / 9;
  const filter = keep(tf.tensor4d(permute(weight, [channels, 1, 3, 3], [2, 3, 0, 1]), [3, 3, channels, 1]));
  const bias = biases && keep(tf.tensor1d(Float32Array.from(biases)));
  return (x) => tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', bias });
}

/** Over the channels of each pixel; without a bias the mean is not subtracted. */
export function layerNorm(weight: ArrayLike<number>, bias: ArrayLike<number> | undefined, keep: Keep): Layer {
  const scale = keep(tf.tensor1d(Float32Array.from(weight)));
  const shift = bias && keep(tf.tensor1d(Float32Array.from(bias)));
  return (x) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5));
    const normed = tf.mul(tf.mul(shift ? centred : x, deviation), scale) as tf.Tensor4D;
    return shift ? tf.add(normed, shift) : normed;
  };
}

export const silu: Layer = (x) => tf.mul(x, tf.sigmoid(x));

export const gelu: Layer = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/** The halves of the channels. */
export function halves(x: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
  const [a, b] = tf.split<tf.Tensor4D>(x, 2, 3);
  return [a, b];
}

/** Depth to space by 2, in PyTorch's order of channels. */
export const pixelShuffle: Layer = (x) => {
  const [, h, w, c] = x.shape;
  const spread = tf.transpose(tf.reshape(x, [h, w, c / 4, 2, 2]), [0, 3, 1, 4, 2]);
  return tf.reshape(spread, [1, 2 * h, 2 * w, c / 4]);
};

/** Space to depth by 2, in PyTorch's order of channels. */
export const pixelUnshuffle: Layer = (x) => {
  const [, h, w, c] = x.shape;
  const gathered = tf.transpose(tf.reshape(x, [h / 2, 2, w / 2, 2, c]), [0, 2, 4, 1, 3]);
  return tf.reshape(gathered, [1, h / 2, w / 2, 4 * c]);
};

/** Layers by the names of their parameters. */
export class Layers {
  constructor(
    private readonly named: ReadonlyMap<string, Parameter>,
    readonly keep: Keep,
    private readonly prefix = '',
  ) {}

  below(name: string): Layers {
    return new Layers(this.named, this.keep, `${this.prefix}${name}.`);
  }

  has(name: string): boolean {
    return this.named.has(this.prefix + name);
  }

  values(name: string): Float32Array<ArrayBuffer> {
    return this.named.get(this.prefix + name)!.values as Float32Array<ArrayBuffer>;
  }

  shape(name: string): readonly number[] {
    return this.named.get(this.prefix + name)!.shape;
  }

  conv(name: string): Layer {
    return conv(this.values(`${name}.weight`), this.shape(`${name}.weight`), this.bias(name), this.keep);
  }

  depthwise(name: string): Layer {
    return depthwise(this.values(`${name}.weight`), this.bias(name), this.keep);
  }

  norm(name: string): Layer {
    return layerNorm(this.values(`${name}.body.weight`), this.bias(`${name}.body`), this.keep);
  }

  private bias(name: string): Float32Array | undefined {
    return this.has(`${name}.bias`) ? this.values(`${name}.bias`) : undefined;
  }
}
