/**
 * Weights by formula, bit for bit those of test/make_fixtures/make_fixtures.py, so that networks of full size are tested
 * without a file of 100 MB.
 */

import type { Tensor } from './safetensors.ts';

/** `n` float32 in [-1, 1]: an integer hash of the stream's number and the place, all products modulo 2**32. */
export function noise(stream: number, n: number): Float32Array {
  const key = Math.imul(stream + 1, 0x9e3779b1);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let h = key ^ Math.imul(i + 1, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
    h ^= h >>> 15;
    out[i] = (h >>> 0) / 2 ** 31 - 1;
  }
  return out;
}

/** Weights for parameters of these names and shapes. A parameter's stream is the place of its name in sorted order. */
export function hashedWeights(shapes: ReadonlyMap<string, readonly number[]>): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  [...shapes.keys()].sort().forEach((name, stream) => {
    const shape = [...(shapes.get(name) as readonly number[])];
    const size = shape.reduce((product, length) => product * length, 1);
    weights.set(name, { data: hashedParameter(name, shape, noise(stream, size)), shape });
  });
  return weights;
}

/** Fresh noise `u` turned into a parameter, in float32 throughout: each line rounds once per operation. */
function hashedParameter(name: string, shape: readonly number[], u: Float32Array): Float32Array {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const tenths = (): Float32Array => u.map((value) => value / 10);
  if (last === 'A_logs' || last === 'Ac_logs')
    return tenths().map((value, i) => Math.fround(Math.log((i % 16) + 1)) + value);
  if (last === 'Ds' || last === 'Dsc' || name.endsWith('body.weight')) return tenths().map((value) => 1 + value);
  if (last === 'dt_projs_bias' || last === 'dtc_projs_bias') return u.map((value) => value - 4);
  if (last === 'bias') return tenths();
  const scale = Math.fround(Math.sqrt(fanIn(last, shape)));
  return u.map((value) => value / scale);
}

/** How many inputs feed one output: projections are (directions, out, in), convolutions (out, in, k, k). */
function fanIn(last: string, shape: readonly number[]): number {
  if (last.endsWith('proj_weight') || last.endsWith('projs_weight')) return shape[shape.length - 1];
  return shape.slice(1).reduce((product, length) => product * length, 1);
}
