/** Operations that move values and compute nothing. */
import concatShader from '../glsl/concat.frag';
import shuffleShader from '../glsl/pixel_shuffle.frag';
import unshuffleShader from '../glsl/pixel_unshuffle.frag';
import transposeShader from '../glsl/transpose.frag';
import upsampleShader from '../glsl/upsample_nearest.frag';
import { InputError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectShape, requireShape } from './check.ts';
import { compute } from './compute.ts';

/** a's channels, then b's: [n, ca, h, w] and [n, cb, h, w] to [n, ca + cb, h, w]. @throws InputError when sizes differ. */
export function concat(engine: Recorder, a: Tensor, b: Tensor): Tensor {
  const [n, ca, h, w] = a.shape;
  const cb = b.shape[1];
  expectShape('the second operand of a concatenation', b, [n, cb, h, w]);
  const inputs = { a, b, split: ca, channels: ca + cb };
  return compute(engine, { shader: concatShader }, [n, ca + cb, h, w], inputs, ca % 4 ? 32 : 8);
}

/** [n, 4c, h, w] to [n, c, 2h, 2w], written to `into` if given. @throws InputError when the channels are no multiple of 4. */
export function pixelShuffle(engine: Recorder, x: Tensor, into?: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  if (c % 4 !== 0) throw new InputError(`A pixel shuffle by 2 takes a multiple of 4 channels, not ${c}.`);
  const shape: Shape = [n, c / 4, 2 * h, 2 * w];
  const inputs = { x, channels: c / 4 };
  if (!into) return compute(engine, { shader: shuffleShader }, shape, inputs, 32);
  engine.draw({ shader: shuffleShader }, requireShape('the output of a pixel shuffle', into, shape), inputs, 32);
  return into;
}

/** [n, c, 2h, 2w] to [n, 4c, h, w]. @throws InputError when a side is odd. */
export function pixelUnshuffle(engine: Recorder, x: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  if (h % 2 !== 0 || w % 2 !== 0) throw new InputError(`A pixel unshuffle by 2 takes even sides, not ${w} x ${h}.`);
  return compute(engine, { shader: unshuffleShader }, [n, 4 * c, h / 2, w / 2], { x }, 32);
}

/** Each pixel `factor` x `factor` times: [n, c, h, w] to [n, c, factor h, factor w]. @throws InputError on a factor below 1. */
export function upsampleNearest(engine: Recorder, x: Tensor, factor: number): Tensor {
  const [n, c, h, w] = x.shape;
  if (!Number.isInteger(factor) || factor < 1)
    throw new InputError(`A picture is enlarged by a whole number from 1 on, not by ${factor}.`);
  return compute(engine, { shader: upsampleShader }, [n, c, factor * h, factor * w], { x, factor }, 8);
}

/** Rows become columns: [n, c, h, w] to [n, c, w, h], with `sum` of that shape added if given. */
export function transpose(engine: Recorder, x: Tensor, sum?: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  const shape: Shape = [n, c, w, h];
  if (!sum) return compute(engine, { shader: transposeShader }, shape, { x }, 8);
  const inputs = { x, sum: requireShape('the sum of a transposition', sum, shape) };
  return compute(engine, { shader: transposeShader, constants: { SUM: 1 } }, shape, inputs, 16);
}
