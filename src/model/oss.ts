/** Omni Selective Scan: four scans over the plane and two over the channels (section 3.3 of arXiv 2403.11423). */
import { type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { type DepthwiseWeights, depthwiseConv2d } from '../ops/depthwise.ts';
import { globalMean } from '../ops/global_mean.ts';
import { layerNorm, type NormWeights } from '../ops/layer_norm.ts';
import { channelsToRow, rowToChannels, transpose } from '../ops/rearrange.ts';
import { quadsOf } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { VARIANTS, type Variant } from './config.ts';
import { Directions } from './directions.ts';
import type { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

const PLANE = {
  projection: 'x_proj_weight',
  stepWeight: 'dt_projs_weight',
  stepBias: 'dt_projs_bias',
  decayLogs: 'A_logs',
  skip: 'Ds',
};
const CHANNELS = {
  projection: 'xc_proj_weight',
  stepWeight: 'dtc_projs_weight',
  stepBias: 'dtc_projs_bias',
  decayLogs: 'Ac_logs',
  skip: 'Dsc',
};

export class Oss {
  private readonly channels: number;
  private readonly inConv: ConvWeights;
  private readonly conv: DepthwiseWeights;
  private readonly rows: Directions;
  private readonly columns: Directions;
  private readonly outNorm: NormWeights;
  private readonly channelBranch: ChannelBranch;
  private readonly outConv: ConvWeights;
  private readonly merge: 'add' | 'gate';

  /** @param norm the layer norm ahead of the module, folded into its first convolution */
  constructor(parameters: Parameters, norm: ReturnType<Parameters['normValues']>, variant: Variant) {
    this.channels = norm.weight.length;
    this.merge = VARIANTS[variant].merge;
    this.inConv = parameters.conv('in_conv', { parts: [this.channels, this.channels], norm });
    this.conv = parameters.depthwise('conv2d');
    this.rows = new Directions(parameters, { ...PLANE, forward: 0, backward: 2 });
    this.columns = new Directions(parameters, { ...PLANE, forward: 1, backward: 3 });
    this.outNorm = parameters.norm('out_norm');
    this.channelBranch = new ChannelBranch(parameters);
    this.outConv = parameters.conv('out_conv');
  }

  /** x + oss(norm(x)) for x and the norm's statistics. */
  async run(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    const { engine } = run;
    using xz = conv2d(engine, x, this.inConv, { stats });
    run.trace?.(`${name}.in_conv`, xz);
    await run.step();
    using y = await this.plane(run, xz, name);
    run.trace?.(`${name}.gated`, y);
    using g = await this.channelBranch.run(run, y);
    run.trace?.(`${name}.channel_norm`, g);
    return conv2d(engine, y, this.outConv, { channel: { values: g, merge: this.merge }, residual: x });
  }

  /** out_norm(sum of the four scans of x) * silu(z). */
  private async plane(run: Run, xz: Tensor, name: string): Promise<Tensor> {
    const z = xz.channels(4 * quadsOf(this.channels), this.channels);
    using sum = await this.scans(run, xz.channels(0, this.channels), name);
    return layerNorm(run.engine, sum, this.outNorm, z);
  }

  private async scans(run: Run, x: Tensor, name: string): Promise<Tensor> {
    const { engine } = run;
    using s = depthwiseConv2d(engine, x, this.conv, { activation: 'silu' });
    run.trace?.(`${name}.conv2d`, s);
    await run.step();
    using rows = await this.rows.run(run, s);
    using columns = await this.columnScans(run, s);
    return transpose(engine, columns, rows);
  }

  /** Scans along columns are scans along the rows of the transposed picture. */
  private async columnScans(run: Run, s: Tensor): Promise<Tensor> {
    using turned = transpose(run.engine, s);
    return await this.columns.run(run, turned);
  }
}

/** The scan over the channels: their means as a sequence, lifted to a few features, scanned both ways, brought back and normed. */
class ChannelBranch {
  private readonly lift: ConvWeights | null;
  private readonly lower: ConvWeights | null;
  private readonly directions: Directions;
  private readonly norm: NormWeights;

  constructor(parameters: Parameters) {
    const lifted = parameters.has('conv_cin.weight');
    this.lift = lifted ? parameters.conv('conv_cin') : null;
    this.lower = lifted ? parameters.conv('conv_cout') : null;
    this.directions = new Directions(parameters, { ...CHANNELS, forward: 0, backward: 1 });
    this.norm = parameters.norm('channel_norm');
  }

  /** [n, c, h, w] to [n, c, 1, 1]. */
  async run(run: Run, y: Tensor): Promise<Tensor> {
    const { engine } = run;
    using means = globalMean(engine, y);
    using row = channelsToRow(engine, means);
    using lifted = this.lift && conv2d(engine, row, this.lift);
    using scanned = await this.directions.run(run, lifted ?? row);
    using lowered = this.lower && conv2d(engine, scanned, this.lower);
    using values = rowToChannels(engine, lowered ?? scanned);
    return layerNorm(engine, values, this.norm);
  }
}
