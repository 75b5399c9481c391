/** How many bytes parts of channels may take: the more, the fewer draws there are, and the more of the device each of them fills. */
import type { Shape } from '../tensor/layout.ts';
import type { Format } from '../tensor/recorder.ts';

const KB = 2 ** 10;
const MB = 2 ** 20;

/**
 * What a small picture may take in all, a pixel. The published derain network keeps within 3000 bytes at 32 x 32 and from 64 x 64 on, in half storage
 * within 2000 from 64 x 64 on. Between, bricks that the deeper levels fill in part only count as whole: 3394 at 40 x 40.
 */
const BYTES_PER_PIXEL = { f32: 3 * KB, f16: 2 * KB };
const BYTES_PER_VALUE = { f32: 4, f16: 2 };
/**
 * What there is beside parts, in activations as wide as the widest: in a scan along columns the block's input, the sequence and the sums along
 * rows and columns; projections; and what is lost where tensors share textures.
 */
const BESIDE = 6;
/**
 * Lower bound, times the network's enlargement: smaller parts are not worth their draws. With 0.5 MB the published realsr took 71 ms at 32 x 32 on an H100,
 * with 2 MB 44.
 */
const LEAST = MB / 2;
/**
 * Upper bound, unless SHARE allows more: larger parts were up to a third faster on an H100, which is too little for its memory. The bundled derain network
 * takes 2.5 KB a pixel up to 128 x 128 as it is, and 1.2 from 256 x 256 on.
 */
const MOST = 32 * MB;
/** Of the widest activation in float32: parts of larger pictures may take so much, whatever it sums up to. */
const SHARE = 1.5;

/**
 * @param widest shape of a network's widest activation
 * @param scale how many times larger its output is
 */
export function roomFor({ precision }: Format, [n, channels, h, w]: Shape, scale = 1): number {
  const pixels = n * h * w;
  const left = pixels * (BYTES_PER_PIXEL[precision] - BESIDE * channels * BYTES_PER_VALUE[precision]);
  return Math.max(LEAST * scale, Math.min(MOST, left), SHARE * pixels * channels * BYTES_PER_VALUE.f32);
}
