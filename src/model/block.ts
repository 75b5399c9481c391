/** One block: x += oss(norm1(x)); x += ffn(norm2(x)). */
import { type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { type DepthwiseWeights, depthwiseConv2d } from '../ops/depthwise.ts';
import { layerNormStats } from '../ops/layer_norm.ts';
import type { Tensor } from '../tensor/tensor.ts';
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

/** Gated feed-forward (EFFN): 1x1 up, depthwise 3x3, gelu of one half times the other, 1x1 down. */
class FeedForward {
  private readonly up: ConvWeights;
  private readonly gate: DepthwiseWeights;
  private readonly down: ConvWeights;

  /** @param norm the layer norm ahead of the module, folded into its first convolution */
  constructor(parameters: Parameters, norm: ReturnType<Parameters['normValues']>) {
    const hidden = parameters.shape('project_out.weight')[1];
    this.up = parameters.conv('project_in', { parts: [hidden, hidden], norm });
    this.gate = parameters.depthwise('dwconv', [hidden, hidden]);
    this.down = parameters.conv('project_out');
  }

  /** x + ffn(norm(x)) for x and the norm's statistics. */
  async run(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    using gated = await this.gated(run, x, stats, name);
    run.trace?.(`${name}.gated`, gated);
    return conv2d(run.engine, gated, this.down, { residual: x });
  }

  private async gated(run: Run, x: Tensor, stats: Tensor, name: string): Promise<Tensor> {
    using hidden = conv2d(run.engine, x, this.up, { stats });
    run.trace?.(`${name}.project_in`, hidden);
    await run.step();
    return depthwiseConv2d(run.engine, hidden, this.gate, { activation: 'gelu-gate' });
  }
}
