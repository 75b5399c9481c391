import type { Array4, Values } from './array.ts';
import { conv2d } from './conv2d.ts';
import { layerNorm } from './layer_norm.ts';

/** A checkpoint: parameters by the names of the released models. */
export type Weights = ReadonlyMap<string, Values>;

/** Told of intermediate results by the name of the module that made them, so that a test can compare them. */
export type Trace = (name: string, value: Array4) => void;

export function parameter(weights: Weights, name: string): Values {
  const found = weights.get(name);
  if (!found) throw new Error(`the weights have no '${name}'`);
  return found;
}

/** The convolution `name`.weight, with `name`.bias if the checkpoint has one. */
export function namedConv(x: Array4, weights: Weights, name: string, groups = 1): Array4 {
  return conv2d(x, parameter(weights, `${name}.weight`), weights.get(`${name}.bias`)?.data, groups);
}

/** The norm `name`.body.weight; of the bias-free kind if there is no `name`.body.bias. */
export function namedNorm(x: Array4, weights: Weights, name: string): Array4 {
  return layerNorm(x, parameter(weights, `${name}.body.weight`).data, weights.get(`${name}.body.bias`)?.data);
}
