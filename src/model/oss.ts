/** Omni Selective Scan: four scans over the plane and two over the channels (section 3.3 of arXiv 2403.11423). */
import { type ChannelScanWeights, channelScan } from '../ops/channel_scan.ts';
import { type ConvWeights, conv2d, type NormParameters } from '../ops/conv2d.ts';
import { type DepthwiseWeights, depthwiseConv2d } from '../ops/depthwise.ts';
import { globalMean } from '../ops/global_mean.ts';
import { layerNorm, type NormWeights } from '../ops/layer_norm.ts';
import { transpose } from '../ops/rearrange.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { VARIANTS, type Variant } from './config.ts';
import { Directions } from './directions.ts';
import type { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

/**
 * What the sums of the plane's scans are multiplied with. In a trained network they exceed 65504, where half storage ends, and next comes
 * a norm, to which a factor is nothing but another epsilon. A power of two costs no digit.
 */
const SCALE = 2 ** -8;

export class Oss {
  private readonly channels: number;
  private readonly inConv: ConvWeights;
  private readonly conv: DepthwiseWeights;
  private readonly rows: Directions;
  private readonly columns: Directions;
  private readonly outNorm: NormWeights;
  private readonly channelScan: ChannelScanWeights;
  private readonly channelNorm: NormWeights;
  private readonly outConv: ConvWeights;
  private readonly merge: 'add' | 'gate';

  /** @param norm the layer norm ahead of the module, folded into its first convolution */
  constructor(parameters: Parameters, norm: NormParameters, variant: Variant) {
    this.channels = norm.weight.length;
    this.merge = VARIANTS[variant].merge;
    this.inConv = parameters.conv('in_conv', { parts: [this.channels, this.channels], norm });
    this.conv = parameters.depthwise('conv2d');
    this.rows = new Directions(parameters, { forward: 0, backward: 2, scale: SCALE });
    this.columns = new Directions(parameters, { forward: 1, backward: 3, scale: SCALE });
    this.outNorm = parameters.norm('out_norm', 1e-5 * SCALE ** 2);
    this.channelScan = channelScanOf(parameters);
    this.channelNorm = parameters.norm('channel_norm');
    this.outConv = parameters.conv('out_conv');
  }

  /** x + oss(norm(x)) for x and the norm's statistics. */
  async run(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    using y = await this.plane(run, x, stats, name);
    run.trace?.(`${name}.gated`, y);
    using means = globalMean(run.engine, y);
    using g = channelScan(run.engine, means, this.channelScan, this.channelNorm);
    run.trace?.(`${name}.channel_norm`, g);
    return conv2d(run.engine, y, this.outConv, { channel: { values: g, merge: this.merge }, residual: x });
  }

  /** out_norm(sum of the four scans) * silu(z), z being made only when it is needed. */
  private async plane(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    using sum = await this.scans(run, x, stats, name);
    const second = 4 * quadsOf(this.channels);
    using z = conv2d(run.engine, x, this.inConv, { stats, range: [second, this.channels] });
    run.trace?.(`${name}.in_conv`, z, this.channels);
    return layerNorm(run.engine, sum, this.outNorm, z);
  }

  /** The sum of the four scans, times SCALE. Scans along columns are scans along the rows of the transposed picture. */
  private async scans(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    const { engine } = run;
    using s = this.features(run, x, stats, name);
    run.trace?.(`${name}.conv2d`, s);
    await run.step();
    using rows = await this.rows.run(run, s);
    using turned = transpose(engine, s);
    s.dispose();
    using columns = await this.columns.run(run, turned);
    turned.dispose();
    return transpose(engine, columns, rows);
  }

  /** silu(conv2d(in_conv(norm(x)))), the sequence to be scanned. */
  private features(run: Run, x: Tensor, stats: Tensor, name: string): Tensor {
    using projected = conv2d(run.engine, x, this.inConv, { stats, range: [0, this.channels] });
    run.trace?.(`${name}.in_conv`, projected, 0);
    return depthwiseConv2d(run.engine, projected, this.conv, { activation: 'silu' });
  }
}

/** Of the scan over the channels, with what lifts their means to some features and brings these back where a variant has that. */
function channelScanOf(parameters: Parameters): ChannelScanWeights {
  const affine = (name: string) =>
    parameters.has(`${name}.weight`)
      ? { weight: parameters.values(`${name}.weight`), bias: parameters.values(`${name}.bias`) }
      : undefined;
  return parameters.channelScan({
    lift: affine('conv_cin'),
    lower: affine('conv_cout'),
    projection: parameters.values('xc_proj_weight'),
    stepWeight: parameters.values('dtc_projs_weight'),
    stepBias: parameters.values('dtc_projs_bias'),
    a: parameters.values('Ac_logs').map((log) => -Math.exp(log)),
    d: parameters.values('Dsc'),
  });
}
