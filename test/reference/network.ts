import { type Array4, add } from './array.ts';
import { block } from './block.ts';
import { concat } from './concat.ts';
import { pixelShuffle } from './pixel_shuffle.ts';
import { pixelUnshuffle } from './pixel_unshuffle.ts';
import { crop, reflectPad } from './reflect_pad.ts';
import { upsampleNearest } from './upsample_nearest.ts';
import { VARIANTS, type VariantName } from './variants.ts';
import { namedConv, type Trace, type Weights } from './weights.ts';

/**
 * The whole of VmambaIR (arXiv 2403.11423, figure 2): a U of blocks on four levels, and what the variant does at the end.
 *
 * image   (n, 3, h, w) in [0, 1], h and w multiples of 8; 6 channels for dual-pixel pairs
 * weights as many blocks a stage as there are names for; a 'skip_conv' makes it the dual-pixel network
 * trace   is told the result of every stage, and of every step in every block
 * returns (n, 3, h, w), or (n, 3, 4 h, 4 w) where the variant enlarges
 */
export function network(image: Array4, weights: Weights, name: VariantName, trace?: Trace): Array4 {
  const variant = VARIANTS[name];
  const traced = (stage: string, value: Array4): Array4 => {
    trace?.(stage, value);
    return value;
  };
  const blocks = (x: Array4, stage: string): Array4 => {
    let y = x;
    for (let i = 0; i < countBlocks(weights, stage); i++) y = block(y, weights, `${stage}.${i}`, variant, trace);
    return traced(stage, y);
  };
  const conv = (x: Array4, stage: string): Array4 => traced(stage, namedConv(x, weights, stage));
  const down = (x: Array4, stage: string): Array4 =>
    traced(stage, pixelUnshuffle(namedConv(x, weights, `${stage}.body.0`)));
  const up = (x: Array4, stage: string): Array4 =>
    traced(stage, pixelShuffle(namedConv(x, weights, `${stage}.body.0`)));

  const embedded = conv(image, 'patch_embed.proj');
  const level1 = blocks(embedded, 'encoder_level1');
  const level2 = blocks(down(level1, 'down1_2'), 'encoder_level2');
  const level3 = blocks(down(level2, 'down2_3'), 'encoder_level3');
  let x = blocks(down(level3, 'down3_4'), 'latent');
  x = blocks(conv(concat(up(x, 'up4_3'), level3), 'reduce_chan_level3'), 'decoder_level3');
  x = blocks(conv(concat(up(x, 'up3_2'), level2), 'reduce_chan_level2'), 'decoder_level2');
  x = blocks(concat(up(x, 'up2_1'), level1), 'decoder_level1');
  x = blocks(x, 'refinement');

  if (variant.upscale === 4) {
    x = pixelShuffle(namedConv(x, weights, 'tail.0.0'));
    x = pixelShuffle(namedConv(x, weights, 'tail.0.2'));
    return add(namedConv(x, weights, 'tail.1'), upsampleNearest(image, 4));
  }
  if (weights.has('skip_conv.weight')) {
    const skipped = namedConv(embedded, weights, 'skip_conv');
    return namedConv(add(x, skipped), weights, 'output');
  }
  return add(namedConv(x, weights, 'output'), image);
}

/** The network on a picture of any size: mirrored to multiples of 8, restored, and the margin cut off again. */
export function restore(image: Array4, weights: Weights, name: VariantName): Array4 {
  const [, , h, w] = image.shape;
  const padded = reflectPad(image, Math.ceil(h / 8) * 8, Math.ceil(w / 8) * 8);
  const scale = VARIANTS[name].upscale;
  return crop(network(padded, weights, name), h * scale, w * scale);
}

/** How many blocks of `stage` the checkpoint has: they are numbered from 0. */
function countBlocks(weights: Weights, stage: string): number {
  let found = 0;
  while (weights.has(`${stage}.${found}.norm1.body.weight`)) found++;
  return found;
}
