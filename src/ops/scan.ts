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
import { DISPOSE } from '../tensor/dispose.ts';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import { ceilDiv, quadsOf } from '../tensor/layout.ts';
import type { Kernel } from '../tensor/program.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from '../tensor/weights.ts';
import { expectChoice, expectShape } from './check.ts';
import { compute } from './compute.ts';
import { type Packed, packed } from './packed.ts';
import { channelsBothWays } from './step_sizes.ts';

/** States of each channel, fixed by the architecture. */
export const STATES = 16;
const RADIX = 8;
/** Elements from which on a level is worth one above it: fewer are run through from the first, each fragment for itself. */
const ROOT = 64;
/** Width of a picture of carries in which rows of the sequence are joined, at most. */
const WIDEST_CARRIES = 512;

export interface ScanWeights extends Packed {
  /** Of each direction. */
  readonly channels: number;
  readonly directions: 1 | 2;
}

/**
 * Packs A (directions x channels x 16, negative) and D (directions x channels).
 * @param directions 2 for a scan both ways: forward first
 * @throws InputError when their lengths differ from that.
 */
export function scanWeights(
  engine: Engine,
  a: ArrayLike<number>,
  d: ArrayLike<number>,
  directions: 1 | 2 = 1,
): ScanWeights {
  expectChoice('The number of directions', directions, [1, 2]);
  const channels = d.length / directions;
  if (channels === 0) throw new InputError('A scan has a D for each channel, not none.');
  if (!Number.isInteger(channels))
    throw new InputError(`D of a scan both ways has an even number of values, not ${d.length}.`);
  if (a.length !== d.length * STATES)
    throw new InputError(`A of a scan with ${d.length} values of D has ${d.length * STATES} values, not ${a.length}.`);
  const width = STATES + 1;
  const rows = quadsOf(channels);
  const texels = new Float32Array(directions * rows * width * 4);
  for (let k = 0; k < d.length; k++) {
    const channel = k % channels;
    const at = (Math.floor(k / channels) * rows + (channel >> 2)) * width * 4 + (channel & 3);
    for (let n = 0; n < STATES; n++) texels[at + n * 4] = a[k * STATES + n] * Math.LOG2E;
    texels[at + STATES * 4] = d[k];
  }
  return packed(engine.weights(texels, width, directions * rows), { channels, directions });
}

export interface ScanInputs {
  /** [n, c, h, w]. */
  readonly u: Tensor;
  /** Step sizes, as from `stepSizes`: [n, c, h, w], positive. Both ways, as many again from the next whole quad on. */
  readonly delta: Tensor;
  /** [n, 16, h, w] each; both ways, [n, 32, h, w]. */
  readonly b: Tensor;
  readonly c: Tensor;
  readonly weights: ScanWeights;
}

/** From the first pixel to the last, from the last to the first, or the sum of both. */
export type ScanOrder = 'forward' | 'reverse' | 'both';
/** As lib/directions.glsl numbers them. */
const ORDERS: readonly ScanOrder[] = ['forward', 'reverse', 'both'];
const FORWARD = ORDERS.indexOf('forward');

export interface ScanOptions {
  /** 'forward' unless told. With 'both', step sizes, B, C and weights are first those of the scan forward, then those in reverse. */
  readonly order?: ScanOrder;
  /** Quad of the weights' channels where u's begin, for a scan of some of the channels. */
  readonly firstQuad?: number;
  /** Where to write the result, [n, c, h, w], instead of a new tensor. */
  readonly into?: Tensor;
}

/** @returns y, [n, c, h, w]. @throws InputError when shapes do not match. */
export function selectiveScan(
  engine: Recorder,
  inputs: ScanInputs,
  { order = 'forward', firstQuad = 0, into }: ScanOptions = {},
): Tensor {
  expectChoice('The order of a scan', order, ORDERS);
  checkShapes(inputs, order);
  checkWeights(inputs, order, firstQuad);
  if (into) expectShape('the output of a scan', into, inputs.u.shape);
  const { u, delta, b, c, weights } = inputs;
  const [n, , height, width] = u.shape;
  const count = ceilDiv(width, RADIX) * height;
  const quads = u.quads;
  const sequence = { count, order: ORDERS.indexOf(order), quads };
  const decay: Decay = { a: weights.texels, rows: [firstQuad, quadsOf(weights.channels) + firstQuad], quads };

  using tree = new Carries(engine, n, delta.quads, carryWidth(ceilDiv(width, RADIX)));
  const sums = tree.sums(count);
  engine.draw({ shader: sumShader }, sums, { x: delta, ...sequence }, 64);
  const carry = tree.carry(count);
  engine.draw({ shader: reduceShader }, carry, { u, delta, b, ...decay, ...sequence }, 40);
  const enter = tree.enter(count, sums, carry, decay);
  const apply = { u, delta, b, c, enter, ...decay, ...sequence };
  const fetches = order === 'both' ? 226 : 113;
  const kernel: Kernel = { shader: applyShader, constants: order === 'both' ? { BOTH_WAYS: 1 } : {} };
  if (!into) return compute(engine, kernel, u.shape, apply, fetches);
  engine.draw(kernel, into, apply, fetches);
  return into;
}

/** What kernels need to find A and D of a quad. */
interface Decay {
  readonly a: Weights;
  /** Rows of the first quad of each direction. */
  readonly rows: [number, number];
  /** Of u. */
  readonly quads: number;
}

/** The tensors of the tree of carries, all disposed together. */
class Carries {
  private readonly tensors: Tensor[] = [];

  constructor(
    private readonly engine: Recorder,
    private readonly batch: number,
    /** Of the step sizes, in both directions. */
    private readonly quads: number,
    /** Of the pictures in which carries lie. */
    private readonly width: number,
  ) {}

  sums(count: number): Tensor {
    return this.keep(this.engine.allocate([this.batch, this.quads * 4, ...this.picture(count)], 'exact'));
  }

  carry(count: number): Tensor {
    return this.keep(this.engine.allocate([this.batch, this.quads * STATES * 4, ...this.picture(count)], 'carry'));
  }

  /** States that enter each of `count` elements, given their sums of delta and their carries. */
  enter(count: number, sums: Tensor, carry: Tensor, decay: Decay): Tensor {
    const { engine } = this;
    const states = this.keep(engine.allocate([this.batch, this.quads * STATES * 4, ...this.picture(count)], 'exact'));
    if (count <= ROOT) {
      engine.draw({ shader: downShader, constants: { ROOT: 1 } }, states, { carry, sums, ...decay }, 7 + count);
      return states;
    }
    const parents = ceilDiv(count, RADIX);
    const parentSums = this.sums(parents);
    engine.draw({ shader: sumShader }, parentSums, { x: sums, count: parents, order: FORWARD, quads: this.quads }, 64);
    const parentCarry = this.carry(parents);
    engine.draw({ shader: upShader }, parentCarry, { carry, sums, ...decay, count: parents }, 80);
    const parent = this.enter(parents, parentSums, parentCarry, decay);
    engine.draw({ shader: downShader }, states, { parent, carry, sums, ...decay }, 16);
    return states;
  }

  [DISPOSE](): void {
    for (const tensor of this.tensors) tensor.dispose();
  }

  /** [height, width] with one pixel for each of `count` carries. */
  private picture(count: number): [number, number] {
    const row = ceilDiv(count, RADIX) * RADIX;
    const width = count <= ROOT ? row : Math.min(row, this.width); // scan_down's ROOT runs through one row
    return [ceilDiv(count, width), width];
  }

  private keep(tensor: Tensor): Tensor {
    this.tensors.push(tensor);
    return tensor;
  }
}

function checkShapes({ u, delta, b, c }: ScanInputs, order: ScanOrder): void {
  const [n, channels, h, w] = u.shape;
  const both = order === 'both';
  const states = both ? 2 * STATES : STATES;
  expectShape('delta in a scan', delta, [n, both ? channelsBothWays(channels) : channels, h, w]);
  expectShape('B in a scan', b, [n, states, h, w]);
  expectShape('C in a scan', c, [n, states, h, w]);
}

function checkWeights({ u, weights }: ScanInputs, order: ScanOrder, first: number): void {
  const directions = order === 'both' ? 2 : 1;
  if (weights.directions !== directions)
    throw new InputError(
      `A scan with order '${order}' takes weights of ${directions} direction${directions > 1 ? 's' : ''}, not of ${weights.directions}.`,
    );
  if (!(Number.isInteger(first) && first >= 0 && 4 * first + u.shape[1] <= weights.channels))
    throw new InputError(
      `A scan of ${u.shape[1]} channels from quad ${first} on exceeds its weights for ${weights.channels} channels.`,
    );
}

/**
 * Width of the pictures in which the carries of a sequence with so many segments a row lie: the least multiple of eight that holds whole rows, so
 * that they fit the textures of activations. Where that is too wide, one row's segments and some of the next one's.
 */
function carryWidth(segments: number): number {
  const joined = (segments * RADIX) / Math.min(RADIX, segments & -segments);
  return joined <= WIDEST_CARRIES ? joined : ceilDiv(segments, RADIX) * RADIX;
}
