/** Operations that move values and compute nothing. */
import channelsToRowShader from '../glsl/channels_to_row.frag';
import concatShader from '../glsl/concat.frag';
import shuffleShader from '../glsl/pixel_shuffle.frag';
import unshuffleShader from '../glsl/pixel_unshuffle.frag';
import rowToChannelsShader from '../glsl/row_to_channels.frag';
import transposeShader from '../glsl/transpose.frag';
import upsampleShader from '../glsl/upsample_nearest.frag';
import type { Recorder } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectShape, requireShape } from './check.ts';

/** a's channels, then b's: [n, ca, h, w] and [n, cb, h, w] to [n, ca + cb, h, w]. @throws InputError when sizes differ. */
export function concat(engine: Recorder, a: Tensor, b: Tensor): Tensor {
  const [n, ca, h, w] = a.shape;
  const cb = b.shape[1];
  expectShape('the second operand of a concatenation', b, [n, cb, h, w]);
  const y = engine.allocate([n, ca + cb, h, w]);
  engine.draw({ shader: concatShader }, y, { a, b, split: ca, channels: ca + cb }, ca % 4 ? 32 : 8);
  return y;
}

/** [n, 4c, h, w] to [n, c, 2h, 2w]. @throws InputError when the channels are no multiple of 4. */
export function pixelShuffle(engine: Recorder, x: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  if (c % 4 !== 0) throw new InputError(`A pixel shuffle by 2 takes a multiple of 4 channels, not ${c}.`);
  const y = engine.allocate([n, c / 4, 2 * h, 2 * w]);
  engine.draw({ shader: shuffleShader }, y, { x, channels: c / 4 }, 16);
  return y;
}

/** [n, c, 2h, 2w] to [n, 4c, h, w]. @throws InputError when a side is odd. */
export function pixelUnshuffle(engine: Recorder, x: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  if (h % 2 !== 0 || w % 2 !== 0) throw new InputError(`A pixel unshuffle by 2 takes even sides, not ${w} x ${h}.`);
  const y = engine.allocate([n, 4 * c, h / 2, w / 2]);
  engine.draw({ shader: unshuffleShader }, y, { x }, 32);
  return y;
}

/** Each pixel `factor` x `factor` times: [n, c, h, w] to [n, c, factor h, factor w]. @throws InputError on a factor below 1. */
export function upsampleNearest(engine: Recorder, x: Tensor, factor: number): Tensor {
  const [n, c, h, w] = x.shape;
  if (!Number.isInteger(factor) || factor < 1)
    throw new InputError(`A picture is enlarged by a whole number from 1 on, not by ${factor}.`);
  const y = engine.allocate([n, c, factor * h, factor * w]);
  engine.draw({ shader: upsampleShader }, y, { x, factor }, 8);
  return y;
}

/** Rows become columns: [n, c, h, w] to [n, c, w, h], with `sum` of that shape added if given. */
export function transpose(engine: Recorder, x: Tensor, sum?: Tensor): Tensor {
  const [n, c, h, w] = x.shape;
  const y = engine.allocate([n, c, w, h]);
  if (sum)
    engine.draw(
      { shader: transposeShader, constants: { SUM: 1 } },
      y,
      { x, sum: requireShape('the sum of a transposition', sum, y.shape) },
      16,
    );
  else engine.draw({ shader: transposeShader }, y, { x }, 8);
  return y;
}

/** One value a channel as a sequence: [n, c, 1, 1] to [n, 1, 1, c]. */
export function channelsToRow(engine: Recorder, x: Tensor): Tensor {
  const [n, c] = x.shape;
  expectShape('channel values', x, [n, c, 1, 1]);
  const y = engine.allocate([n, 1, 1, c], 'exact');
  engine.draw({ shader: channelsToRowShader }, y, { x }, 8);
  return y;
}

/** A sequence as one value a channel: [n, 1, 1, c] to [n, c, 1, 1]. */
export function rowToChannels(engine: Recorder, x: Tensor): Tensor {
  const [n, , , c] = x.shape;
  expectShape('a sequence of channel values', x, [n, 1, 1, c]);
  const y = engine.allocate([n, c, 1, 1]);
  engine.draw({ shader: rowToChannelsShader }, y, { x }, 4);
  return y;
}
