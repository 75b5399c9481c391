/** Scans that write the pairs (a, b) of all steps, 32 times the picture, and compose them in passes over memory. */
import { type ScanWeights, STATES } from '../../../src/ops/scan.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { ceilDiv } from '../../../src/tensor/layout.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import doubling from './2_doubling.frag';
import down from './3_4_down.frag';
import up from './3_4_up.frag';
import outputs from './outputs.frag';
import pairs from './pairs.frag';

export interface Inputs {
  readonly u: Tensor;
  readonly delta: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
  readonly weights: ScanWeights;
}

/** a and b of the elements of a level, one pixel each, in state bricks. */
interface Pairs {
  readonly count: number;
  readonly decay: Tensor;
  readonly carry: Tensor;
}

/** Upper levels lie in pictures of this width, so that a long sequence does not exceed a texture. */
const WIDTH = 512;
const WRITE_A = { WRITE_A: 1 };

/** Hillis and Steele: log2 of the length passes over all pairs. */
export function byDoubling(engine: Engine, inputs: Inputs): Tensor {
  let { count, decay, carry } = pairsOf(engine, inputs);
  for (let distance = 1; distance < count; distance *= 2) {
    const last = 2 * distance >= count;
    const next = engine.allocate(carry.shape, 'carry');
    engine.draw({ shader: doubling }, next, { decay, carry, distance }, 24);
    carry.dispose();
    carry = next;
    if (last) break;
    const product = engine.allocate(decay.shape, 'carry');
    engine.draw({ shader: doubling, constants: WRITE_A }, product, { decay, distance }, 16);
    decay.dispose();
    decay = product;
  }
  decay.dispose();
  using states = carry;
  return outputsOf(engine, inputs, states);
}

/** A tree: the pairs of neighbours become one, level by level, and states come back down. */
export function byTree(engine: Engine, inputs: Inputs, radix: number): Tensor {
  using states = statesOf(engine, pairsOf(engine, inputs), radix, { LEAVING: 1 });
  return outputsOf(engine, inputs, states);
}

/** States that enter, or leave, the elements of a level. Disposes its pairs. */
function statesOf(engine: Engine, pairs: Pairs, RADIX: number, constants: { LEAVING?: 1 }): Tensor {
  using decay = pairs.decay;
  using carry = pairs.carry;
  const { count } = pairs;
  const states = engine.allocate(carry.shape, 'carry');
  if (count <= RADIX) {
    engine.draw({ shader: down, constants: { RADIX, ROOT: 1, ...constants } }, states, { decay, carry }, 16 * RADIX);
    return states;
  }
  const parents = ceilDiv(count, RADIX);
  const width = Math.min(parents, WIDTH);
  const above = (): Tensor => engine.allocate([1, carry.shape[1], ceilDiv(parents, width), width], 'carry');
  const products = above();
  engine.draw({ shader: up, constants: { RADIX, ...WRITE_A } }, products, { decay, count }, 8 * RADIX);
  const carries = above();
  engine.draw({ shader: up, constants: { RADIX } }, carries, { decay, carry, count }, 16 * RADIX);
  using parent = statesOf(engine, { count: parents, decay: products, carry: carries }, RADIX, {});
  engine.draw({ shader: down, constants: { RADIX, ...constants } }, states, { parent, decay, carry }, 16 * RADIX);
  return states;
}

function pairsOf(engine: Engine, { u, delta, b, weights }: Inputs): Pairs {
  const [, , height, width] = u.shape;
  const all = (): Tensor => engine.allocate([1, u.quads * STATES * 4, height, width], 'carry');
  const decay = all();
  engine.draw({ shader: pairs, constants: WRITE_A }, decay, { delta, weights: weights.texels }, 9);
  const carry = all();
  engine.draw({ shader: pairs }, carry, { delta, u, b }, 10);
  return { count: height * width, decay, carry };
}

function outputsOf(engine: Engine, { u, c, weights }: Inputs, states: Tensor): Tensor {
  const y = engine.allocate(u.shape);
  engine.draw({ shader: outputs }, y, { states, u, c, weights: weights.texels }, 34 * 8);
  return y;
}
