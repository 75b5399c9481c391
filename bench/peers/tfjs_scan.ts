/**
 * The selective scan composed from tfjs operations, in two ways. tfjs has no such operation, and one step after the other over 16384
 * pixels would be 16384 times some draws. Both cut the sequence into chunks and take the same step of all chunks at once: from zero
 * first, then over the ends of the chunks, then once more from the states that enter them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { permute } from '../permute.ts';
import type { ScanWeights } from '../tasks.ts';
import type { Keep } from './tfjs_layers.ts';

/** Scans sequences of [length, channels], one for each direction. */
export type Scan = (sequences: readonly tf.Tensor2D[]) => tf.Tensor2D[];

export type ScanWay = (weights: ScanWeights, keep: Keep) => Scan;

/** Cuts a tensor into equal parts along its first axis. */
type Split = (values: tf.Tensor, count: number) => tf.Tensor[];

/** All directions at once, the way to write it down, with tfjs's operations as they are: values are [length, directions, channels]. */
export const composedScan: ScanWay = (weights, keep) => {
  const { directions, channels, states, rank } = weights;
  const projected = rank + 2 * states;
  const projection = keep(
    tf.tensor3d(permute(weights.projection, [directions, projected, channels], [0, 2, 1]), [
      directions,
      channels,
      projected,
    ]),
  );
  const stepWeight = keep(
    tf.tensor3d(permute(weights.stepWeight, [directions, channels, rank], [0, 2, 1]), [directions, rank, channels]),
  );
  const stepBias = keep(tf.tensor3d(weights.stepBias, [1, directions, channels]));
  const decay = keep(tf.tensor4d(weights.decay, [1, directions, channels, states]));
  const skip = keep(tf.tensor3d(weights.skip, [1, directions, channels]));

  return (sequences) => {
    const x = tf.stack([...sequences], 1) as tf.Tensor3D;
    const length = x.shape[0];
    const chunk = chunkOf(length);
    const count = length / chunk;
    const [r, b, c] = tf.split(tf.matMul(swap(x), projection), [rank, states, states], 2);
    const delta = tf.softplus(tf.add(swap(tf.matMul(r, stepWeight)), stepBias));

    const deltas = steps(delta, chunk, tf.split).map((t) => tf.expandDims(t, 3));
    const inputs = steps(tf.mul(delta, x), chunk, tf.split).map((t) => tf.expandDims(t, 3));
    const bs = steps(swap(b), chunk, tf.split).map((t) => tf.expandDims(t, 2));
    const cs = steps(swap(c), chunk, tf.split).map((t) => tf.expandDims(t, 2));
    const step = (h: tf.Tensor, t: number): tf.Tensor =>
      tf.add(tf.mul(tf.exp(tf.mul(deltas[t], decay)), h), tf.mul(inputs[t], bs[t]));

    let h: tf.Tensor = tf.zeros([count, directions, channels, states]);
    for (let t = 0; t < chunk; t++) h = step(h, t);
    const sums = tf.sum(tf.reshape(delta, [count, chunk, directions, channels]), 1);
    h = enterChunks(tf.exp(tf.mul(tf.expandDims(sums, 3), decay)), h, tf.split);
    const ys: tf.Tensor[] = [];
    for (let t = 0; t < chunk; t++) {
      h = step(h, t);
      ys.push(tf.sum(tf.mul(h, cs[t]), 3));
    }
    const y = tf.reshape(tf.transpose(tf.stack(ys), [1, 0, 2, 3]), x.shape);
    return tf.unstack(tf.add(y, tf.mul(x, skip)), 1) as tf.Tensor2D[];
  };
};

/**
 * One direction after the other, as fast as we could make it, found by trying: exp(delta A) and delta B x of all steps are kept from
 * the first pass for the second, 16 times the size of x each; channels run fastest, not states; the sum over the states is a product
 * of matrices.
 */
export const tunedScan: ScanWay = (weights, keep) => {
  const scans = Array.from({ length: weights.directions }, (_, k) => tunedDirection(weights, k, keep));
  return (sequences) => sequences.map((sequence, k) => tf.tidy(() => scans[k](sequence)));
};

function tunedDirection(weights: ScanWeights, k: number, keep: Keep): (x: tf.Tensor2D) => tf.Tensor2D {
  const { directions, channels, states, rank } = weights;
  const projected = rank + 2 * states;
  const part = (values: Float32Array): Float32Array => {
    const size = values.length / directions;
    return values.subarray(k * size, (k + 1) * size);
  };
  const projection = keep(
    tf.tensor2d(permute(part(weights.projection), [projected, channels], [1, 0]), [channels, projected]),
  );
  const stepWeight = keep(tf.tensor2d(permute(part(weights.stepWeight), [channels, rank], [1, 0]), [rank, channels]));
  const bias = keep(tf.tensor1d(part(weights.stepBias)));
  const decay = keep(tf.tensor3d(permute(part(weights.decay), [channels, states], [1, 0]), [1, states, channels]));
  const skip = keep(tf.tensor1d(part(weights.skip)));

  return (x) => {
    const length = x.shape[0];
    const chunk = chunkOf(length);
    const count = length / chunk;
    const [r, b, c] = tf.split(tf.matMul(x, projection), [rank, states, states], 1);
    const delta = tf.softplus(tf.fused.matMul({ a: r, b: stepWeight, bias }));

    const deltas = steps(delta, chunk, split).map((t) => tf.expandDims(t, 1));
    const inputs = steps(tf.mul(delta, x), chunk, split).map((t) => tf.expandDims(t, 1));
    const bs = steps(b, chunk, split).map((t) => tf.expandDims(t, 2));
    const cs = steps(c, chunk, split).map((t) => tf.expandDims(t, 1));
    const gains = deltas.map((d) => tf.exp(tf.mul(d, decay)));
    const terms = inputs.map((input, t) => tf.mul(input, bs[t]));
    const step = (h: tf.Tensor, t: number): tf.Tensor => tf.add(tf.mul(gains[t], h), terms[t]);

    let h: tf.Tensor = tf.zeros([count, states, channels]);
    for (let t = 0; t < chunk; t++) h = step(h, t);
    const sums = tf.sum(tf.reshape(delta, [count, chunk, channels]), 1);
    h = enterChunks(tf.exp(tf.mul(tf.expandDims(sums, 1), decay)), h, split);
    const ys: tf.Tensor[] = [];
    for (let t = 0; t < chunk; t++) {
      h = step(h, t);
      ys.push(tf.matMul(cs[t], h));
    }
    const y = tf.reshape(tf.concat(ys, 1), [length, channels]);
    return tf.add(y, tf.mul(x, skip)) as tf.Tensor2D;
  };
}

/** The states that enter each chunk, from what each does to a state and where each ends when it starts from zero; chunks come first. */
function enterChunks(gains: tf.Tensor, ends: tf.Tensor, cut: Split): tf.Tensor {
  const count = ends.shape[0];
  const gainOf = cut(gains, count);
  const endOf = cut(ends, count);
  const states = [tf.zerosLike(endOf[0])];
  for (let j = 0; j + 1 < count; j++) states.push(tf.add(tf.mul(gainOf[j], states[j]), endOf[j]));
  return tf.concat(states);
}

/** Steps of a chunk: about as many as there are chunks, so that both loops are short. */
function chunkOf(length: number): number {
  let chunk = 1;
  while (chunk * chunk < length && length % (chunk * 2) === 0) chunk *= 2;
  return chunk;
}

/** Step t of all chunks, for each t: [length, ...] to chunk times [chunks, ...]. */
function steps(values: tf.Tensor, chunk: number, cut: Split): tf.Tensor[] {
  const [length, ...rest] = values.shape;
  const chunks = tf.reshape(values, [length / chunk, chunk, ...rest]);
  const order = chunks.shape.map((_, axis) => (axis < 2 ? 1 - axis : axis));
  return cut(tf.transpose(chunks, order), chunk).map((t) => tf.squeeze(t, [0]));
}

/**
 * For each part WebAssembly copies all that it is cut from, so there parts are cut from parts: a whole network is done in about half the
 * time.
 */
const split: Split = (values, count) => {
  if (tf.getBackend() !== 'wasm' || count % 8 !== 0) return tf.split(values, count);
  return tf.split(values, 8).flatMap((part) => (count === 8 ? [part] : split(part, count / 8)));
};

/** [a, b, c] to [b, a, c]. */
function swap(values: tf.Tensor): tf.Tensor3D {
  return tf.transpose(values as tf.Tensor3D, [1, 0, 2]);
}
