/** The whole network: a U-Net of four levels (figure 2 of arXiv 2403.11423). */
import { type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { add } from '../ops/elementwise.ts';
import { concat, pixelShuffle, pixelUnshuffle, upsampleNearest } from '../ops/rearrange.ts';
import type { Engine } from '../tensor/engine.ts';
import { InputError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Block } from './block.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Config, readConfig, VARIANTS } from './config.ts';
import { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

/** Sides of the input are multiples of this: three halvings. */
export const SIZE_MULTIPLE = 8;

export class Network {
  readonly config: Config;
  private readonly owned: { dispose(): void }[] = [];
  private readonly stages = new Map<string, Block[]>();
  private readonly convs = new Map<string, ConvWeights>();

  /** Packs a checkpoint's weights into textures. @throws InputError when it is not of a VmambaIR network. */
  constructor(engine: Engine, checkpoint: Checkpoint) {
    this.config = readConfig(checkpoint);
    // Not kept, since it holds the checkpoint and with it the whole file.
    const parameters = new Parameters(engine, checkpoint, this.owned);
    try {
      const [n1, n2, n3, n4] = this.config.blocks;
      this.stage(parameters, 'encoder_level1', n1);
      this.stage(parameters, 'encoder_level2', n2);
      this.stage(parameters, 'encoder_level3', n3);
      this.stage(parameters, 'latent', n4);
      this.stage(parameters, 'decoder_level3', n3);
      this.stage(parameters, 'decoder_level2', n2);
      this.stage(parameters, 'decoder_level1', n1);
      this.stage(parameters, 'refinement', this.config.refinement);
      const names = [
        'patch_embed.proj',
        'down1_2.body.0',
        'down2_3.body.0',
        'down3_4.body.0',
        'up4_3.body.0',
        'up3_2.body.0',
        'up2_1.body.0',
      ];
      for (const name of [
        ...names,
        'reduce_chan_level3',
        'reduce_chan_level2',
        'skip_conv',
        'output',
        'tail.0.0',
        'tail.0.2',
        'tail.1',
      ]) {
        if (checkpoint.has(`${name}.weight`)) this.convs.set(name, parameters.conv(name));
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** How many times larger the output is. */
  get scale(): number {
    return VARIANTS[this.config.variant].scale;
  }

  /**
   * @param image [n, 3 (6 for dual pixel), h, w] in [0, 1], h and w multiples of 8
   * @returns [n, 3, scale h, scale w]
   */
  async run(run: Run, image: Tensor): Promise<Tensor> {
    const [, channels, h, w] = image.shape;
    if (channels !== this.config.inChannels || h % SIZE_MULTIPLE !== 0 || w % SIZE_MULTIPLE !== 0) {
      throw new InputError(
        `The network takes ${this.config.inChannels} channels and sides that are multiples of ${SIZE_MULTIPLE}, not ${channels} of ${w} x ${h}.`,
      );
    }
    using embedded = this.conv(run, 'patch_embed.proj', image);
    run.trace?.('patch_embed.proj', embedded);
    await run.step();
    using refined = await this.unet(run, embedded);
    if (this.scale !== 1) return await this.enlarge(run, refined, image);
    if (!this.config.dualPixel) return this.conv(run, 'output', refined, image);
    using skipped = this.conv(run, 'skip_conv', embedded, refined);
    return this.conv(run, 'output', skipped);
  }

  dispose(): void {
    for (const weights of this.owned.splice(0)) weights.dispose();
  }

  private async unet(run: Run, embedded: Tensor): Promise<Tensor> {
    using e1 = await this.blocks(run, 'encoder_level1', embedded);
    using decoded = await this.levelTwo(run, e1);
    using joined = concat(run.engine, decoded, e1);
    using d1 = await this.blocks(run, 'decoder_level1', joined);
    return await this.blocks(run, 'refinement', d1);
  }

  private async levelTwo(run: Run, e1: Tensor): Promise<Tensor> {
    using down = await this.down(run, 'down1_2', e1);
    using e2 = await this.blocks(run, 'encoder_level2', down);
    using decoded = await this.levelThree(run, e2);
    using reduced = this.join(run, 'reduce_chan_level2', decoded, e2);
    using d2 = await this.blocks(run, 'decoder_level2', reduced);
    return await this.up(run, 'up2_1', d2);
  }

  private async levelThree(run: Run, e2: Tensor): Promise<Tensor> {
    using down = await this.down(run, 'down2_3', e2);
    using e3 = await this.blocks(run, 'encoder_level3', down);
    using decoded = await this.latent(run, e3);
    using reduced = this.join(run, 'reduce_chan_level3', decoded, e3);
    using d3 = await this.blocks(run, 'decoder_level3', reduced);
    return await this.up(run, 'up3_2', d3);
  }

  private async latent(run: Run, e3: Tensor): Promise<Tensor> {
    using down = await this.down(run, 'down3_4', e3);
    using z = await this.blocks(run, 'latent', down);
    return await this.up(run, 'up4_3', z);
  }

  /** All blocks of a stage in turn. */
  private async blocks(run: Run, name: string, x: Tensor): Promise<Tensor> {
    const [first, ...rest] = this.stages.get(name)!;
    let y = await first.run(run, x);
    for (const block of rest) {
      using input = y;
      await run.step();
      y = await block.run(run, input);
    }
    run.trace?.(name, y);
    return y;
  }

  private async down(run: Run, name: string, x: Tensor): Promise<Tensor> {
    using halved = this.conv(run, `${name}.body.0`, x);
    const y = pixelUnshuffle(run.engine, halved);
    run.trace?.(name, y);
    return y;
  }

  private async up(run: Run, name: string, x: Tensor): Promise<Tensor> {
    using doubled = this.conv(run, `${name}.body.0`, x);
    const y = pixelShuffle(run.engine, doubled);
    run.trace?.(name, y);
    return y;
  }

  private join(run: Run, name: string, decoded: Tensor, encoded: Tensor): Tensor {
    using joined = concat(run.engine, decoded, encoded);
    const y = this.conv(run, name, joined);
    run.trace?.(name, y);
    return y;
  }

  /** The x4 tail: two convolutions with a pixel shuffle each, a third to colours, and the input enlarged. */
  private async enlarge(run: Run, x: Tensor, image: Tensor): Promise<Tensor> {
    using twice = await this.double(run, 'tail.0.0', x);
    using fourfold = await this.double(run, 'tail.0.2', twice);
    using colours = this.conv(run, 'tail.1', fourfold);
    await run.step();
    using enlarged = upsampleNearest(run.engine, image, this.scale);
    return add(run.engine, colours, enlarged);
  }

  private async double(run: Run, name: string, x: Tensor): Promise<Tensor> {
    using y = this.conv(run, name, x);
    await run.step();
    return pixelShuffle(run.engine, y);
  }

  private conv(run: Run, name: string, x: Tensor, residual?: Tensor): Tensor {
    return conv2d(run.engine, x, this.convs.get(name)!, { residual });
  }

  private stage(parameters: Parameters, name: string, count: number): void {
    const blocks = Array.from(
      { length: count },
      (_, i) => new Block(parameters.below(`${name}.${i}`), `${name}.${i}`, this.config.variant),
    );
    this.stages.set(name, blocks);
  }
}
