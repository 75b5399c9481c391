/**
 * The selective scan composed from tfjs operations, in two ways. tfjs has no such operation, and one step after the other over 16384
 * pixels would be 16384 times some draws. Both cut the sequence into chunks and take the same step of all chunks at once: from zero
 * first, then over the ends of the chunks, then once more from the states that enter them.
 */
import * as tf from '@tensorflow/tfjs-core';

export interface ScanParameters {
  /** Number of directions: each has a sequence and parameters of its own. */
  readonly directions: number;
  readonly channels: number;
  readonly states: number;
  readonly rank: number;
  /** [directions, channels, rank + 2 states]. */
  readonly projection: tf.Tensor3D;
  /** [directions, rank, channels]. */
  readonly stepWeight: tf.Tensor3D;
  /** [1, directions, channels]. */
  readonly stepBias: tf.Tensor3D;
  /** A, [1, directions, channels, states]. */
  readonly decay: tf.Tensor4D;
  /** [1, directions, channels]. */
  readonly skip: tf.Tensor3D;
}

/** All directions at once, the way to write it down: x and the result are [length, directions, channels]. */
export function scanDirections(x: tf.Tensor3D, parameters: ScanParameters): tf.Tensor3D {
  return tf.tidy(() => {
    const { directions, channels, states, rank, decay } = parameters;
    const length = x.shape[0];
    const chunk = chunkOf(length);
    const count = length / chunk;

    const projected = tf.matMul(swap(x), parameters.projection);
    const [r, b, c] = tf.split(projected, [rank, states, states], 2);
    const delta = tf.softplus(tf.add(swap(tf.matMul(r, parameters.stepWeight)), parameters.stepBias)) as tf.Tensor3D;

    const deltas = steps(delta, chunk).map((t) => tf.expandDims(t, 3));
    const inputs = steps(tf.mul(delta, x), chunk).map((t) => tf.expandDims(t, 3));
    const bs = steps(swap(b), chunk).map((t) => tf.expandDims(t, 2));
    const cs = steps(swap(c), chunk).map((t) => tf.expandDims(t, 2));
    const step = (h: tf.Tensor, t: number): tf.Tensor =>
      tf.add(tf.mul(tf.exp(tf.mul(deltas[t], decay)), h), tf.mul(inputs[t], bs[t]));

    let h: tf.Tensor = tf.zeros([count, directions, channels, states]);
    for (let t = 0; t < chunk; t++) h = step(h, t);
    const sums = tf.sum(tf.reshape(delta, [count, chunk, directions, channels]), 1);
    h = enterChunks(tf.exp(tf.mul(tf.expandDims(sums, 3), decay)), h);
    const ys: tf.Tensor[] = [];
    for (let t = 0; t < chunk; t++) {
      h = step(h, t);
      ys.push(tf.sum(tf.mul(h, cs[t]), 3));
    }
    const y = tf.reshape(tf.transpose(tf.stack(ys), [1, 0, 2, 3]), x.shape);
    return tf.add(y, tf.mul(x, parameters.skip)) as tf.Tensor3D;
  });
}

/**
 * One direction, as fast as we could make it, found by trying: exp(delta A) and delta B x of all steps are kept from the first pass for
 * the second, 16 times the size of x each; channels run fastest, not states; the sum over the states is a product of matrices.
 */
export function scanTuned(sequence: tf.Tensor3D, parameters: ScanParameters): tf.Tensor3D {
  return tf.tidy(() => {
    const { channels, states, rank } = parameters;
    const length = sequence.shape[0];
    const chunk = chunkOf(length);
    const count = length / chunk;
    const x = tf.reshape(sequence, [length, channels]);
    const decay = tf.transpose(tf.reshape(parameters.decay, [1, channels, states]), [0, 2, 1]);

    const projected = tf.matMul(x, tf.squeeze<tf.Tensor2D>(parameters.projection, [0]));
    const [r, b, c] = tf.split(projected, [rank, states, states], 1);
    const bias = tf.reshape(parameters.stepBias, [channels]);
    const stepWeight = tf.squeeze<tf.Tensor2D>(parameters.stepWeight, [0]);
    const delta = tf.softplus(tf.fused.matMul({ a: r, b: stepWeight, bias }));

    const deltas = steps(delta, chunk).map((t) => tf.expandDims(t, 1));
    const inputs = steps(tf.mul(delta, x), chunk).map((t) => tf.expandDims(t, 1));
    const bs = steps(b, chunk).map((t) => tf.expandDims(t, 2));
    const cs = steps(c, chunk).map((t) => tf.expandDims(t, 1));
    const gains = deltas.map((d) => tf.exp(tf.mul(d, decay)));
    const terms = inputs.map((input, t) => tf.mul(input, bs[t]));
    const step = (h: tf.Tensor, t: number): tf.Tensor => tf.add(tf.mul(gains[t], h), terms[t]);

    let h: tf.Tensor = tf.zeros([count, states, channels]);
    for (let t = 0; t < chunk; t++) h = step(h, t);
    const sums = tf.sum(tf.reshape(delta, [count, chunk, channels]), 1);
    h = enterChunks(tf.exp(tf.mul(tf.expandDims(sums, 1), decay)), h);
    const ys: tf.Tensor[] = [];
    for (let t = 0; t < chunk; t++) {
      h = step(h, t);
      ys.push(tf.matMul(cs[t], h));
    }
    const y = tf.reshape(tf.concat(ys, 1), [length, channels]);
    return tf.reshape(tf.add(y, tf.mul(x, tf.reshape(parameters.skip, [channels]))), sequence.shape);
  });
}

/** The states that enter each chunk, from what each does to a state and where each ends when it starts from zero; chunks come first. */
function enterChunks(gains: tf.Tensor, ends: tf.Tensor): tf.Tensor {
  const count = ends.shape[0];
  const gainOf = tf.split(gains, count);
  const endOf = tf.split(ends, count);
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
function steps(values: tf.Tensor, chunk: number): tf.Tensor[] {
  const [length, ...rest] = values.shape;
  const chunks = tf.reshape(values, [length / chunk, chunk, ...rest]);
  const order = chunks.shape.map((_, axis) => (axis < 2 ? 1 - axis : axis));
  return tf.split(tf.transpose(chunks, order), chunk).map((t) => tf.squeeze(t, [0]));
}

/** [a, b, c] to [b, a, c]. */
function swap(values: tf.Tensor): tf.Tensor3D {
  return tf.transpose(values as tf.Tensor3D, [1, 0, 2]);
}
