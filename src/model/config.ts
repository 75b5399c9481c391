/** A network's configuration, read off the names and shapes in its checkpoint, which does not carry it. */
import { InputError } from '../tensor/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { shown } from './shown.ts';

export type Variant = 'derain' | 'derain33' | 'sr' | 'realsr';

export interface Config {
  readonly variant: Variant;
  /** Channels of the picture in, 6 for dual pixel, and out. */
  readonly inChannels: number;
  readonly outChannels: number;
  /** Channels at the first level; 2, 4 and 8 times as many below. */
  readonly dim: number;
  /** Blocks at the four levels of the encoder, the last being the latent; the decoder has as many. */
  readonly blocks: readonly [number, number, number, number];
  readonly refinement: number;
  /** Channels inside the feed-forward at the four levels. */
  readonly hidden: readonly [number, number, number, number];
  /** Whether the convolutions that may go without have a bias. */
  readonly bias: boolean;
  /** Whether the norms of the blocks have a bias and subtract the mean. */
  readonly normBias: boolean;
  readonly dualPixel: boolean;
}

/** What sets the variants apart. */
export const VARIANTS: Readonly<Record<Variant, { lift: number; merge: 'add' | 'gate'; scale: 1 | 4 }>> = {
  derain: { lift: 4, merge: 'add', scale: 1 },
  derain33: { lift: 2, merge: 'gate', scale: 1 },
  sr: { lift: 4, merge: 'gate', scale: 4 },
  realsr: { lift: 1, merge: 'gate', scale: 4 },
};

/** States of the scans and rank of the channel scan's step sizes where it is lifted. */
const STATES = 16;
const CHANNEL_RANK = 6;

/** Rank of the plane scans' step sizes. */
export const rankOf = (channels: number): number => Math.ceil(channels / STATES);
/** Rank of the channel scan's step sizes; realsr, which does not lift, takes that of the plane. */
export const channelRankOf = (variant: Variant, channels: number): number =>
  variant === 'realsr' ? rankOf(channels) : CHANNEL_RANK;

/** @throws InputError when the checkpoint is not one of a VmambaIR, naming what does not match. */
export function readConfig(checkpoint: Checkpoint): Config {
  for (const name of [
    'patch_embed.proj.weight',
    'encoder_level1.0.attn.out_conv.weight',
    'latent.0.attn.x_proj_weight',
    'refinement.0.norm1.body.weight',
  ]) {
    if (!checkpoint.has(name))
      throw new InputError(
        `This checkpoint is not of a VmambaIR network: it has no ${name}. It begins with ${checkpoint.names.slice(0, 3).map(shown).join(', ')}.`,
      );
  }
  const count = (stage: string): number => blockCount(checkpoint, stage);
  const hidden = (stage: string): number => convShape(checkpoint, `${stage}.0.ffn.project_out.weight`, 1)[1];
  const [dim, inChannels] = convShape(checkpoint, 'patch_embed.proj.weight', 3);
  const variant = variantOf(checkpoint);
  const last = VARIANTS[variant].scale === 1 ? 'output.weight' : 'tail.1.weight';
  const config: Config = {
    variant,
    inChannels,
    outChannels: convShape(checkpoint, last, 3)[0],
    dim,
    blocks: [count('encoder_level1'), count('encoder_level2'), count('encoder_level3'), count('latent')],
    refinement: count('refinement'),
    hidden: [hidden('encoder_level1'), hidden('encoder_level2'), hidden('encoder_level3'), hidden('latent')],
    bias: checkpoint.has('reduce_chan_level3.bias'),
    normBias: checkpoint.has('encoder_level1.0.norm1.body.bias'),
    dualPixel: checkpoint.has('skip_conv.weight'),
  };
  checkParameters(checkpoint, parameterShapes(config));
  return config;
}

/** The shape of a convolution that sizes are read off. @throws InputError when it is none, so that no other parameter is blamed for it. */
function convShape(checkpoint: Checkpoint, name: string, kernel: 1 | 3): readonly number[] {
  const shape = checkpoint.shape(name);
  if (shape.length !== 4 || shape[2] !== kernel || shape[3] !== kernel || shape.includes(0))
    throw new InputError(
      `The checkpoint's ${name} has the shape [${shape.join(', ')}], which no ${kernel}x${kernel} convolution has.`,
    );
  return shape;
}

/** Blocks are numbered from 0 on. @throws InputError for numbers that so few parameters cannot reach. */
function blockCount(checkpoint: Checkpoint, stage: string): number {
  let count = 0;
  for (const name of checkpoint.names) {
    const [first, index] = name.split('.', 2);
    if (first === stage && /^\d+$/.test(index)) count = Math.max(count, Number(index) + 1);
  }
  if (count > checkpoint.names.length)
    throw new InputError(
      `The checkpoint's ${checkpoint.names.length} parameters cannot be those of ${count} blocks in ${stage}.`,
    );
  return count;
}

function variantOf(checkpoint: Checkpoint): Variant {
  const lift = 'encoder_level1.0.attn.conv_cin.weight';
  if (!checkpoint.has(lift)) return 'realsr';
  if (checkpoint.has('tail.1.weight')) return 'sr';
  const [features] = convShape(checkpoint, lift, 1);
  if (features === VARIANTS.derain.lift) return 'derain';
  if (features === VARIANTS.derain33.lift) return 'derain33';
  throw new InputError(`No variant of VmambaIR lifts its channel scan to ${features} features, as ${lift} does.`);
}

/** @throws InputError naming the first few parameters that are missing, superfluous or of another shape. */
function checkParameters(checkpoint: Checkpoint, expected: ReadonlyMap<string, readonly number[]>): void {
  const wrong: string[] = [];
  for (const [name, shape] of expected) {
    if (!checkpoint.has(name)) wrong.push(`${name} is missing`);
    else if (checkpoint.shape(name).join() !== shape.join())
      wrong.push(`${name} has the shape [${checkpoint.shape(name).join(', ')}], not [${shape.join(', ')}]`);
  }
  for (const name of checkpoint.names) if (!expected.has(name)) wrong.push(`${shown(name)} is unknown`);
  if (wrong.length === 0) return;
  const more = wrong.length > 3 ? `; and ${wrong.length - 3} more` : '';
  throw new InputError(`The checkpoint does not fit a VmambaIR network: ${wrong.slice(0, 3).join('; ')}${more}.`);
}

/** Names and shapes of all parameters of a network. */
export function parameterShapes(config: Config): Map<string, readonly number[]> {
  const { variant, dim, bias, normBias } = config;
  const { lift, scale } = VARIANTS[variant];
  const shapes = new Map<string, readonly number[]>();
  const conv = (name: string, out: number, inputs: number, kernel: number, withBias: boolean): void => {
    shapes.set(`${name}.weight`, [out, inputs, kernel, kernel]);
    if (withBias) shapes.set(`${name}.bias`, [out]);
  };
  const norm = (name: string, channels: number, withBias: boolean): void => {
    shapes.set(`${name}.body.weight`, [channels]);
    if (withBias) shapes.set(`${name}.body.bias`, [channels]);
  };
  const oss = (name: string, c: number): void => {
    const rank = rankOf(c);
    const channelRank = channelRankOf(variant, c);
    conv(`${name}.in_conv`, 2 * c, c, 1, true);
    conv(`${name}.conv2d`, c, 1, 3, true);
    shapes.set(`${name}.x_proj_weight`, [4, rank + 2 * STATES, c]);
    shapes.set(`${name}.dt_projs_weight`, [4, c, rank]);
    shapes.set(`${name}.dt_projs_bias`, [4, c]);
    shapes.set(`${name}.A_logs`, [4 * c, STATES]);
    shapes.set(`${name}.Ds`, [4 * c]);
    norm(`${name}.out_norm`, c, true);
    if (variant !== 'realsr') {
      conv(`${name}.conv_cin`, lift, 1, 1, true);
      conv(`${name}.conv_cout`, 1, lift, 1, true);
    }
    shapes.set(`${name}.xc_proj_weight`, [2, channelRank + 2 * STATES, lift]);
    shapes.set(`${name}.dtc_projs_weight`, [2, lift, channelRank]);
    shapes.set(`${name}.dtc_projs_bias`, [2, lift]);
    shapes.set(`${name}.Ac_logs`, [2 * lift, STATES]);
    shapes.set(`${name}.Dsc`, [2 * lift]);
    norm(`${name}.channel_norm`, c, true);
    conv(`${name}.out_conv`, c, c, 1, true);
  };
  const stage = (name: string, level: 0 | 1 | 2 | 3, blocks: number): void => {
    const c = dim << level;
    const hidden = config.hidden[level];
    for (let i = 0; i < blocks; i++) {
      norm(`${name}.${i}.norm1`, c, normBias);
      oss(`${name}.${i}.attn`, c);
      norm(`${name}.${i}.norm2`, c, normBias);
      conv(`${name}.${i}.ffn.project_in`, 2 * hidden, c, 1, bias);
      conv(`${name}.${i}.ffn.dwconv`, 2 * hidden, 1, 3, bias);
      conv(`${name}.${i}.ffn.project_out`, c, hidden, 1, bias);
    }
  };
  const [d1, d2, d3, d4] = [dim, 2 * dim, 4 * dim, 8 * dim];
  const [n1, n2, n3, n4] = config.blocks;
  conv('patch_embed.proj', d1, config.inChannels, 3, false);
  stage('encoder_level1', 0, n1);
  conv('down1_2.body.0', d1 / 2, d1, 3, false);
  stage('encoder_level2', 1, n2);
  conv('down2_3.body.0', d2 / 2, d2, 3, false);
  stage('encoder_level3', 2, n3);
  conv('down3_4.body.0', d3 / 2, d3, 3, false);
  stage('latent', 3, n4);
  conv('up4_3.body.0', 2 * d4, d4, 3, false);
  conv('reduce_chan_level3', d3, d4, 1, bias);
  stage('decoder_level3', 2, n3);
  conv('up3_2.body.0', 2 * d3, d3, 3, false);
  conv('reduce_chan_level2', d2, d3, 1, bias);
  stage('decoder_level2', 1, n2);
  conv('up2_1.body.0', 2 * d2, d2, 3, false);
  stage('decoder_level1', 1, n1);
  stage('refinement', 1, config.refinement);
  if (scale === 1) {
    if (config.dualPixel) conv('skip_conv', d2, d1, 1, bias);
    conv('output', config.outChannels, d2, 3, bias);
  } else {
    conv('tail.0.0', 4 * d2, d2, 3, true);
    conv('tail.0.2', 4 * d2, d2, 3, true);
    conv('tail.1', config.outChannels, d2, 3, true);
  }
  return shapes;
}

/** Number of parameters. */
export function parameterCount(config: Config): number {
  let count = 0;
  for (const shape of parameterShapes(config).values()) count += shape.reduce((a, b) => a * b, 1);
  return count;
}
