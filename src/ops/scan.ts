/**
 * Selective scan (S6), as a parallel prefix over the pixels of a picture in row-major order:
 *
 *     h_t = exp(delta_t A) h_{t-1} + delta_t B_t u_t        y_t = C_t . h_t + D u_t
 *
 * The pairs (exp(delta A), delta B u) compose associatively, so segments of eight steps are reduced side by side (reduce), a tree of
 * radix eight turns their carries into the state that enters each segment (up- and down-sweep), and the segments run again from
 * there (apply). The state of all steps, 16 times the picture, is never written; the carries are 17 texels for eight.
 */

import applyShader from '../glsl/scan_apply.frag';
import downShader from '../glsl/scan_down.frag';
import reduceShader from '../glsl/scan_reduce.frag';
import sumShader from '../glsl/scan_sum.frag';
import upShader from '../glsl/scan_up.frag';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { ceilDiv, quadsOf } from '../tensor/layout.ts';
import type { Kernel } from '../tensor/program.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from '../tensor/weights.ts';
import { expectShape } from './check.ts';
import { compute } from './compute.ts';

/** States of each channel, fixed by the architecture. */
export const STATES = 16;
const RADIX = 8;
/** Elements from which on a level is worth one above it: fewer are run through from the first, each fragment for itself. */
const ROOT = 64;
/** Carries lie in pictures of this width, so that a long sequence does not exceed a texture. */
const CARRY_WIDTH = 512;

/** Packs A (channels x 16, negative) and D (channels) of one direction. @throws InputError when their lengths differ from that. */
export function scanWeights(engine: Engine, a: ArrayLike<number>, d: ArrayLike<number>): Weights {
  const channels = d.length;
  if (channels === 0) throw new InputError('A scan has a D for each channel, not none.');
  if (a.length !== channels * STATES)
    throw new InputError(`A of a scan with ${channels} channels has ${channels * STATES} values, not ${a.length}.`);
  const width = STATES + 1;
  const texels = new Float32Array(quadsOf(channels) * width * 4);
  for (let c = 0; c < channels; c++) {
    const row = (c >> 2) * width;
    for (let n = 0; n < STATES; n++) texels[(row + n) * 4 + (c & 3)] = a[c * STATES + n] * Math.LOG2E;
    texels[(row + STATES) * 4 + (c & 3)] = d[c];
  }
  return engine.weights(texels, width, quadsOf(channels));
}

export interface ScanInputs {
  /** [n, c, h, w]. */
  readonly u: Tensor;
  /** Step sizes, [n, c, h, w], positive: after softplus. */
  readonly delta: Tensor;
  /** [n, 16, h, w] each. */
  readonly b: Tensor;
  readonly c: Tensor;
  /** From `scanWeights`. */
  readonly weights: Weights;
}

export interface ScanOptions {
  /** Last pixel first. */
  readonly reverse?: boolean;
  /** A tensor of u's shape that is added to the result. */
  readonly sum?: Tensor;
  /** Row of `weights` where u's channels begin, for a scan of some of the channels. */
  readonly firstQuad?: number;
  /** Where to write the result, instead of a new tensor. */
  readonly into?: Tensor;
}

/** @returns y, [n, c, h, w]. @throws InputError when shapes do not match. */
export function selectiveScan(
  engine: Recorder,
  inputs: ScanInputs,
  { reverse = false, sum, firstQuad = 0, into }: ScanOptions = {},
): Tensor {
  checkShapes(inputs);
  checkRows(inputs, firstQuad);
  if (sum) expectShape('the sum of a scan', sum, inputs.u.shape);
  if (into) expectShape('the output of a scan', into, inputs.u.shape);
  const { u, delta, b, c, weights } = inputs;
  const [n, channels, height, width] = u.shape;
  const segments = ceilDiv(width, RADIX) * height;
  const a = { a: weights, a_first: firstQuad };
  const order = { count: segments, reverse: reverse ? 1 : 0 };

  using tree = new Carries(engine, n, channels);
  const sums = tree.sums(segments);
  engine.draw({ shader: sumShader }, sums, { x: delta, ...order }, 64);
  const carry = tree.carry(segments);
  engine.draw({ shader: reduceShader }, carry, { u, delta, b, ...a, ...order }, 40);
  const enter = tree.enter(segments, sums, carry, a);
  const kernel: Kernel = { shader: applyShader, constants: sum ? { SUM: 1 } : {} };
  const apply = { u, delta, b, c, enter, ...(sum && { sum }), ...a, ...order };
  if (!into) return compute(engine, kernel, u.shape, apply, sum ? 121 : 113);
  engine.draw(kernel, into, apply, sum ? 121 : 113);
  return into;
}

/** The tensors of the tree of carries, all disposed together. */
class Carries {
  private readonly tensors: Tensor[] = [];

  constructor(
    private readonly engine: Recorder,
    private readonly batch: number,
    private readonly channels: number,
  ) {}

  sums(count: number): Tensor {
    return this.keep(this.engine.allocate([this.batch, this.channels, ...carryPicture(count)], 'exact'));
  }

  carry(count: number): Tensor {
    return this.keep(
      this.engine.allocate([this.batch, quadsOf(this.channels) * STATES * 4, ...carryPicture(count)], 'carry'),
    );
  }

  /** States that enter each of `count` elements, given their sums of delta and their carries. */
  enter(count: number, sums: Tensor, carry: Tensor, a: { a: Weights; a_first: number }): Tensor {
    const { engine } = this;
    const states = this.keep(
      engine.allocate([this.batch, quadsOf(this.channels) * STATES * 4, ...carryPicture(count)], 'exact'),
    );
    if (count <= ROOT) {
      engine.draw({ shader: downShader, constants: { ROOT: 1 } }, states, { carry, sums, ...a }, 16 + count);
      return states;
    }
    const parents = ceilDiv(count, RADIX);
    const parentSums = this.sums(parents);
    engine.draw({ shader: sumShader }, parentSums, { x: sums, count: parents, reverse: 0 }, 64);
    const parentCarry = this.carry(parents);
    engine.draw({ shader: upShader }, parentCarry, { carry, sums, ...a, count: parents }, 80);
    const parent = this.enter(parents, parentSums, parentCarry, a);
    engine.draw({ shader: downShader }, states, { parent, carry, sums, ...a }, 17);
    return states;
  }

  [Symbol.dispose](): void {
    for (const tensor of this.tensors) tensor.dispose();
  }

  private keep(tensor: Tensor): Tensor {
    this.tensors.push(tensor);
    return tensor;
  }
}

/** [height, width] of a picture with one pixel for each of `count` carries; its width is a multiple of eight. */
function carryPicture(count: number): [number, number] {
  const width = Math.min(ceilDiv(count, RADIX) * RADIX, CARRY_WIDTH);
  return [ceilDiv(count, width), width];
}

function checkShapes({ u, delta, b, c, weights }: ScanInputs): void {
  const [n, , h, w] = u.shape;
  expectShape('delta in a scan', delta, u.shape);
  expectShape('B in a scan', b, [n, STATES, h, w]);
  expectShape('C in a scan', c, [n, STATES, h, w]);
  if (weights.width !== STATES + 1)
    throw new InputError(`A scan takes weights from scanWeights, ${STATES + 1} texels wide, not ${weights.width}.`);
}

/** The rows of the weights hold four channels each. */
function checkRows({ u, weights }: ScanInputs, first: number): void {
  if (!(Number.isInteger(first) && first >= 0 && first + u.quads <= weights.height))
    throw new InputError(
      `A scan of ${u.shape[1]} channels from quad ${first} on exceeds its weights for ${weights.height} quads.`,
    );
}
