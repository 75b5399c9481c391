import { type NetworkConfig, VARIANTS, type Variant } from '../reference/variants.ts';

type Put = (name: string, ...shape: number[]) => void;

/** States per channel of a scan, and the rank of the channel branch's delta where that branch is lifted. */
const N = 16;
const LIFTED_RANK = 6;

/** The name and shape of every parameter of a network, as a released checkpoint of this config has them. */
export function parameterShapes(config: NetworkConfig): Map<string, number[]> {
  const { inChannels, outChannels, dim, blocks, refinement, bias, dualPixel } = config;
  const variant = VARIANTS[config.variant];
  const shapes = new Map<string, number[]>();
  const put: Put = (name, ...shape) => {
    shapes.set(name, shape);
  };
  const conv = (name: string, inputs: number, outputs: number, size: number, hasBias = false) => {
    put(`${name}.weight`, outputs, inputs, size, size);
    if (hasBias) put(`${name}.bias`, outputs);
  };
  const stage = (name: string, channels: number, length: number) => {
    for (let i = 0; i < length; i++) putBlock(put, `${name}.${i}`, channels, config, variant);
  };

  conv('patch_embed.proj', inChannels, dim, 3);
  stage('encoder_level1', dim, blocks[0]);
  conv('down1_2.body.0', dim, Math.floor(dim / 2), 3);
  stage('encoder_level2', 2 * dim, blocks[1]);
  conv('down2_3.body.0', 2 * dim, dim, 3);
  stage('encoder_level3', 4 * dim, blocks[2]);
  conv('down3_4.body.0', 4 * dim, 2 * dim, 3);
  stage('latent', 8 * dim, blocks[3]);
  conv('up4_3.body.0', 8 * dim, 16 * dim, 3);
  conv('reduce_chan_level3', 8 * dim, 4 * dim, 1, bias);
  stage('decoder_level3', 4 * dim, blocks[2]);
  conv('up3_2.body.0', 4 * dim, 8 * dim, 3);
  conv('reduce_chan_level2', 4 * dim, 2 * dim, 1, bias);
  stage('decoder_level2', 2 * dim, blocks[1]);
  conv('up2_1.body.0', 2 * dim, 4 * dim, 3);
  stage('decoder_level1', 2 * dim, blocks[0]);
  stage('refinement', 2 * dim, refinement);
  if (variant.upscale === 4) {
    conv('tail.0.0', 2 * dim, 8 * dim, 3, true);
    conv('tail.0.2', 2 * dim, 8 * dim, 3, true);
    conv('tail.1', 2 * dim, outChannels, 3, true);
  } else {
    if (dualPixel) conv('skip_conv', dim, 2 * dim, 1, bias);
    conv('output', 2 * dim, outChannels, 3, bias);
  }
  return shapes;
}

/** How many numbers a network of these shapes has. */
export function parameterCount(shapes: ReadonlyMap<string, readonly number[]>): number {
  let total = 0;
  for (const shape of shapes.values()) total += shape.reduce((product, length) => product * length, 1);
  return total;
}

function putBlock(put: Put, prefix: string, channels: number, config: NetworkConfig, variant: Variant): void {
  for (const norm of ['norm1', 'norm2']) {
    put(`${prefix}.${norm}.body.weight`, channels);
    if (config.normBias) put(`${prefix}.${norm}.body.bias`, channels);
  }
  putScans(put, `${prefix}.attn`, channels, variant);
  const hidden = Math.trunc(channels * config.expansion);
  const convs: [string, number[]][] = [
    ['project_in', [2 * hidden, channels, 1, 1]],
    ['dwconv', [2 * hidden, 1, 3, 3]],
    ['project_out', [channels, hidden, 1, 1]],
  ];
  for (const [name, shape] of convs) {
    put(`${prefix}.ffn.${name}.weight`, ...shape);
    if (config.bias) put(`${prefix}.ffn.${name}.bias`, shape[0]);
  }
}

function putScans(put: Put, prefix: string, channels: number, variant: Variant): void {
  const rank = Math.ceil(channels / 16);
  const convs: [string, number[]][] = [
    ['in_conv', [2 * channels, channels, 1, 1]],
    ['conv2d', [channels, 1, 3, 3]],
    ['out_conv', [channels, channels, 1, 1]],
  ];
  if (variant.lift !== null) {
    convs.push(['conv_cin', [variant.lift, 1, 1, 1]]);
    convs.push(['conv_cout', [1, variant.lift, 1, 1]]);
  }
  for (const [name, shape] of convs) {
    put(`${prefix}.${name}.weight`, ...shape);
    put(`${prefix}.${name}.bias`, shape[0]);
  }
  for (const norm of ['out_norm', 'channel_norm']) {
    put(`${prefix}.${norm}.body.weight`, channels);
    put(`${prefix}.${norm}.body.bias`, channels);
  }
  putDirections(put, prefix, '', 4, channels, rank);
  putDirections(put, prefix, 'c', 2, variant.lift ?? 1, variant.lift === null ? rank : LIFTED_RANK);
}

/** The parameters of the scans in `directions` directions over `features` features; `kind` is 'c' for the channel branch. */
function putDirections(
  put: Put,
  prefix: string,
  kind: '' | 'c',
  directions: number,
  features: number,
  rank: number,
): void {
  put(`${prefix}.x${kind}_proj_weight`, directions, rank + 2 * N, features);
  put(`${prefix}.dt${kind}_projs_weight`, directions, features, rank);
  put(`${prefix}.dt${kind}_projs_bias`, directions, features);
  put(`${prefix}.A${kind}_logs`, directions * features, N);
  put(`${prefix}.Ds${kind}`, directions * features);
}
