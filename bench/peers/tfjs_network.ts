/** VmambaIR composed from tfjs operations, for any of its backends. */
import * as tf from '@tensorflow/tfjs-core';
import type { Checkpoint } from '../../src/model/checkpoint.ts';
import { type Config, readConfig, VARIANTS } from '../../src/model/config.ts';
import { gelu, halves, type Keep, type Layer, Layers, pixelShuffle, pixelUnshuffle, silu } from './tfjs_layers.ts';
import type { ScanWay } from './tfjs_scan.ts';

/** The network of a checkpoint: [1, h, w, 3] to [1, scale h, scale w, 3]. */
export async function network(checkpoint: Checkpoint, scan: ScanWay, keep: Keep): Promise<Layer> {
  const config = readConfig(checkpoint);
  const layers = new Layers(await checkpoint.read(), keep);
  const stage = (name: string, blocks: number): Layer => {
    const all = Array.from({ length: blocks }, (_, i) => block(layers.below(`${name}.${i}`), config, scan));
    return (x) => all.reduce((y, each) => tf.tidy(() => each(y)), x);
  };
  const [n1, n2, n3, n4] = config.blocks;
  const embed = layers.conv('patch_embed.proj');
  const encoders = [stage('encoder_level1', n1), stage('encoder_level2', n2), stage('encoder_level3', n3)];
  const latent = stage('latent', n4);
  const decoders = [stage('decoder_level1', n1), stage('decoder_level2', n2), stage('decoder_level3', n3)];
  const refinement = stage('refinement', config.refinement);
  const downs = ['down1_2', 'down2_3', 'down3_4'].map((name) => layers.conv(`${name}.body.0`));
  const ups = ['up2_1', 'up3_2', 'up4_3'].map((name) => layers.conv(`${name}.body.0`));
  const reduces = [null, layers.conv('reduce_chan_level2'), layers.conv('reduce_chan_level3')];
  const last = VARIANTS[config.variant].scale === 1 ? sameSize(layers) : enlarged(layers);

  /** A level of the U with all that lies below it. */
  const level = (k: number, x: tf.Tensor4D): tf.Tensor4D => {
    if (k === 3) return latent(x);
    const encoded = encoders[k](x);
    const below = level(k + 1, pixelUnshuffle(downs[k](encoded)));
    const joined = tf.concat([pixelShuffle(ups[k](below)), encoded], 3) as tf.Tensor4D;
    return decoders[k](reduces[k]?.(joined) ?? joined);
  };
  return (image) => tf.tidy(() => last(refinement(level(0, embed(image))), image));
}

type Last = (x: tf.Tensor4D, image: tf.Tensor4D) => tf.Tensor4D;

function sameSize(layers: Layers): Last {
  const output = layers.conv('output');
  return (x, image) => tf.add(output(x), image);
}

function enlarged(layers: Layers): Last {
  const [first, second, last] = ['tail.0.0', 'tail.0.2', 'tail.1'].map((name) => layers.conv(name));
  return (x, image) => {
    const [, h, w] = image.shape;
    const y = last(pixelShuffle(second(pixelShuffle(first(x)))));
    return tf.add(y, tf.image.resizeNearestNeighbor(image, [4 * h, 4 * w]));
  };
}

function block(layers: Layers, config: Config, scan: ScanWay): Layer {
  const attend = attention(layers, config, scan);
  const norm = layers.norm('norm2');
  const feed = feedForward(layers.below('ffn'));
  return (x) => {
    const y = attend(x);
    return tf.add(y, feed(norm(y)));
  };
}

/** x + oss(norm(x)), from the parameters of a block. */
export function attention(layers: Layers, { variant }: Pick<Config, 'variant'>, scan: ScanWay): Layer {
  const norm = layers.norm('norm1');
  const oss = omniScan(layers.below('attn'), VARIANTS[variant].merge, scan);
  return (x) => tf.tidy(() => tf.add(x, oss(norm(x))));
}

function feedForward(layers: Layers): Layer {
  const up = layers.conv('project_in');
  const mix = layers.depthwise('dwconv');
  const down = layers.conv('project_out');
  return (x) =>
    tf.tidy(() => {
      const [a, b] = halves(mix(up(x)));
      return down(tf.mul(gelu(a), b));
    });
}

/** Four scans over the plane and two over the channels. */
function omniScan(layers: Layers, merge: 'add' | 'gate', scan: ScanWay): Layer {
  const inConv = layers.conv('in_conv');
  const mix = layers.depthwise('conv2d');
  const outNorm = layers.norm('out_norm');
  const outConv = layers.conv('out_conv');
  const plane = scanOf(layers, 'x_proj_weight', 'dt_projs', 'A_logs', 'Ds', scan);
  const channels = channelBranch(layers, scan);
  return (input) => {
    const [x, z] = halves(inConv(input));
    const y = tf.tidy(() => tf.mul(outNorm(fourWays(silu(mix(x)), plane)), silu(z)) as tf.Tensor4D);
    const g = tf.tidy(() => channels(y));
    return outConv(merge === 'add' ? tf.add(y, g) : tf.add(tf.mul(y, g), y));
  };
}

/** The sum of scans along rows and columns, forward and backward, each put back in place. */
export function fourWays(x: tf.Tensor4D, scan: ReturnType<ScanWay>): tf.Tensor4D {
  const [, h, w, c] = x.shape;
  const rows: tf.Tensor2D = tf.reshape(x, [h * w, c]);
  const columns: tf.Tensor2D = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [w * h, c]);
  const [a, b, aBack, bBack] = scan([rows, columns, tf.reverse(rows, 0), tf.reverse(columns, 0)]);
  const alongRows = tf.reshape(tf.add(a, tf.reverse(aBack, 0)), [1, h, w, c]);
  const alongColumns = tf.reshape(tf.add(b, tf.reverse(bBack, 0)), [1, w, h, c]);
  return tf.add(alongRows, tf.transpose(alongColumns, [0, 2, 1, 3]));
}

/** The means of the channels as a sequence, lifted to a few features, scanned both ways, brought back and normed: [1, 1, 1, c]. */
function channelBranch(layers: Layers, scan: ScanWay): Layer {
  const lift = layers.has('conv_cin.weight') ? layers.conv('conv_cin') : null;
  const lower = lift && layers.conv('conv_cout');
  const both = scanOf(layers, 'xc_proj_weight', 'dtc_projs', 'Ac_logs', 'Dsc', scan);
  const norm = layers.norm('channel_norm');
  return (y) => {
    const c = y.shape[3];
    const means = tf.reshape(tf.mean(y, [1, 2]), [1, c, 1, 1]) as tf.Tensor4D;
    const lifted = lift?.(means) ?? means;
    const sequence = tf.reshape(lifted, [c, lifted.shape[3]]) as tf.Tensor2D;
    const [forward, backward] = both([sequence, tf.reverse(sequence, 0)]);
    const scanned = tf.reshape(tf.add(forward, tf.reverse(backward, 0)), lifted.shape) as tf.Tensor4D;
    return norm(tf.reshape(lower?.(scanned) ?? scanned, [1, 1, 1, c]));
  };
}

/** A scan from its parameters: the projection's shape tells the rest. */
function scanOf(layers: Layers, projection: string, step: string, logs: string, skip: string, scan: ScanWay) {
  const [directions, width, channels] = layers.shape(projection);
  const [, states] = layers.shape(logs);
  const weights = {
    directions,
    channels,
    states,
    rank: width - 2 * states,
    projection: layers.values(projection),
    stepWeight: layers.values(`${step}_weight`),
    stepBias: layers.values(`${step}_bias`),
    decay: layers.values(logs).map((log) => -Math.exp(log)),
    skip: layers.values(skip),
  };
  return scan(weights, layers.keep);
}
