/** One block: x += oss(norm1(x)); x += ffn(norm2(x)). */
import { type ConvWeights, conv2d, type NormParameters } from '../ops/conv2d.ts';
import { type DepthwiseWeights, depthwiseConv2d } from '../ops/depthwise.ts';
import { layerNormStats } from '../ops/layer_norm.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { chunks } from './chunks.ts';
import type { Variant } from './config.ts';
import { Oss } from './oss.ts';
import type { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

export class Block {
  private readonly centred: boolean;
  private readonly oss: Oss;
  private readonly ffn: FeedForward;

  constructor(
    parameters: Parameters,
    private readonly name: string,
    variant: Variant,
  ) {
    const norm = parameters.normValues('norm1');
    this.centred = norm.bias !== undefined;
    this.oss = new Oss(parameters.below('attn'), norm, variant);
    this.ffn = new FeedForward(parameters.below('ffn'), parameters.normValues('norm2'));
  }

  /** [n, c, h, w] to the same. */
  async run(run: Run, x: Tensor): Promise<Tensor> {
    using attended = await this.attend(run, x);
    run.trace?.(`${this.name}.attn`, attended);
    await run.step();
    using stats = layerNormStats(run.engine, attended, this.centred);
    return await this.ffn.run(run, attended, stats, `${this.name}.ffn`);
  }

  private async attend(run: Run, x: Tensor): Promise<Tensor> {
    using stats = layerNormStats(run.engine, x, this.centred);
    return await this.oss.run(run, x, stats, `${this.name}.attn`);
  }
}

/** In how many strips of hidden channels the feed-forward runs, at most: with six a strip is no wider than x, and lies in textures that scans leave. */
const STRIPS = 6;
/**
 * Bytes charged for a quad of a pixel of a strip. Its tensors take 48 in float32, two halves of 16 and the gated 16, but are charged more, because no
 * other tensor is wide enough to share their textures: charged 48, the published derain network takes 3.0 KB a pixel at 128 x 128, charged 64, 2.7.
 */
const COST_PER_PIXEL_QUAD = 64;

/** Gated feed-forward (EFFN): 1x1 up, depthwise 3x3, gelu of one half times the other, 1x1 down. */
class FeedForward {
  private readonly hidden: number;
  private readonly up: ConvWeights;
  private readonly gate: DepthwiseWeights;
  private readonly down: ConvWeights;

  /** @param norm the layer norm ahead of the module, folded into its first convolution */
  constructor(parameters: Parameters, norm: NormParameters) {
    this.hidden = parameters.shape('project_out.weight')[1];
    this.up = parameters.conv('project_in', { parts: [this.hidden, this.hidden], norm });
    this.gate = parameters.depthwise('dwconv', [this.hidden, this.hidden]);
    this.down = parameters.conv('project_out');
  }

  /** x + ffn(norm(x)) for x and the norm's statistics, summed over strips of hidden channels so that these never exist as a whole. */
  async run(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    let y: Tensor | null = null;
    const [n, , h, w] = x.shape;
    for (const [from, count] of chunks(this.hidden, STRIPS, n * h * w * COST_PER_PIXEL_QUAD, run.room)) {
      using before: Tensor | null = y;
      using gated = await this.gated(run, x, stats, [from, count], name);
      run.trace?.(`${name}.gated`, gated, from);
      y = conv2d(run.engine, gated, this.down, { from, residual: before ?? x });
    }
    return y!;
  }

  /** The gated channels of a range. */
  private async gated(
    run: Run,
    x: Tensor,
    stats: Tensor,
    [from, count]: [number, number],
    name: string,
  ): Promise<Tensor> {
    using strip = conv2d(run.engine, x, this.up, { stats, ofBothParts: [from, count] });
    run.trace?.(`${name}.project_in`, strip, from);
    await run.step();
    return depthwiseConv2d(run.engine, strip, this.gate, { activation: 'gelu-gate', range: [from, count] });
  }
}
