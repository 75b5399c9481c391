/** The whole network: a U-Net of four levels (figure 2 of arXiv 2403.11423). */
import { type ConvOptions, type ConvWeights, conv2d } from '../ops/conv2d.ts';
import { concat, pixelShuffle, pixelUnshuffle, upsampleNearest } from '../ops/rearrange.ts';
import type { Engine } from '../tensor/engine.ts';
import { InputError, lostContext } from '../tensor/errors.ts';
import { nextTask } from '../tensor/fence.ts';
import type { Lifetime } from '../tensor/lifetime.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Block } from './block.ts';
import type { Checkpoint } from './checkpoint.ts';
import { chunks } from './chunks.ts';
import { type Config, parameterCount, readConfig, VARIANTS } from './config.ts';
import { Parameters } from './parameters.ts';
import type { Run } from './run.ts';

/** Sides of the input are multiples of this: three halvings. */
export const SIZE_MULTIPLE = 8;

/** Milliseconds of packing after which the page gets its turn: a frame. */
const TURN = 16;

export interface PackOptions {
  /** Stops between two modules. */
  readonly signal?: AbortSignal;
  /** Told the share of the parameters that are packed, after each module. */
  readonly onFraction?: (fraction: number) => void;
}

export class Network {
  private readonly owned: { dispose(): void }[] = [];
  private readonly stages = new Map<string, Block[]>();
  private readonly convs = new Map<string, ConvWeights>();

  private constructor(
    readonly config: Config,
    private readonly lifetime: Lifetime,
  ) {}

  /**
   * Reads a checkpoint's weights and packs them into textures, module by module, and lets the page have its turn in between. Where it
   * fails nothing is left.
   * @throws InputError when the checkpoint is not of a VmambaIR network or cannot be read, DeviceError when the context is lost, or the
   * signal's reason.
   */
  static async pack(
    engine: Engine,
    checkpoint: Checkpoint,
    { signal, onFraction }: PackOptions = {},
  ): Promise<Network> {
    const network = new Network(readConfig(checkpoint), engine.lifetime);
    const total = parameterCount(network.config);
    let packed = 0;
    const check = (): void => {
      signal?.throwIfAborted();
      if (network.lost) throw lostContext(); // it may be back already, but without what was packed
    };
    // All that is in memory of the checkpoint are the values of one module, for as long as this takes.
    const packModule = async (name: string, pack: (parameters: Parameters) => void): Promise<void> => {
      const parameters = await checkpoint.read(`${name}.`);
      check();
      pack(new Parameters(engine, parameters, network.owned));
      for (const { values } of parameters.values()) packed += values.length;
    };
    try {
      let turn = performance.now();
      for (const [name, pack] of network.modules(checkpoint)) {
        await packModule(name, pack);
        onFraction?.(packed / total);
        if (performance.now() - turn >= TURN) {
          await nextTask();
          turn = performance.now();
        }
        check();
      }
      return network;
    } catch (error) {
      network.dispose();
      throw error;
    }
  }

  /** Whether its weights went with the engine's context. */
  get lost(): boolean {
    return this.lifetime.over;
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
    run.sizeParts([image.shape[0], 2 * this.config.dim, h, w], this.scale); // from the first level's decoder on
    const joined = await this.joined(run, 1, this.embed(run, image));
    const decoded = await this.blocks(run, 'decoder_level1', joined);
    using refined = await this.blocks(run, 'refinement', decoded);
    if (this.scale !== 1) return await this.enlarge(run, refined, image);
    if (!this.config.dualPixel) return this.conv(run, 'output', refined, { residual: image });
    using embedded = this.embed(run, image); // again: keeping it all the way would cost more than making it twice
    using skipped = this.conv(run, 'skip_conv', embedded, { residual: refined });
    return this.conv(run, 'output', skipped);
  }

  dispose(): void {
    for (const weights of this.owned.splice(0)) weights.dispose();
  }

  private embed(run: Run, image: Tensor): Tensor {
    const embedded = this.conv(run, 'patch_embed.proj', image);
    run.trace?.('patch_embed.proj', embedded);
    return embedded;
  }

  /** What a level hands to its decoder: its encoder's output and that of the levels below, joined. Takes over x. */
  private async joined(run: Run, level: number, x: Tensor): Promise<Tensor> {
    using encoded = await this.blocks(run, `encoder_level${level}`, x);
    using decoded = await this.below(run, level + 1, encoded);
    if (level === 1) return concat(run.engine, decoded, encoded);
    const name = `reduce_chan_level${level}`;
    // A 1x1 over both, one after the other: their concatenation need not exist.
    using half = this.conv(run, name, decoded, { from: 0 });
    const reduced = this.conv(run, name, encoded, { from: decoded.shape[1], residual: half });
    run.trace?.(name, reduced);
    return reduced;
  }

  /** The levels from this one down, back at the size of the level above. */
  private async below(run: Run, level: number, above: Tensor): Promise<Tensor> {
    const x = await this.down(run, `down${level - 1}_${level}`, above);
    using decoded =
      level === 4
        ? await this.blocks(run, 'latent', x)
        : await this.blocks(run, `decoder_level${level}`, await this.joined(run, level, x));
    return await this.up(run, `up${level}_${level - 1}`, decoded);
  }

  /** All blocks of a stage in turn. Takes over x. */
  private async blocks(run: Run, name: string, x: Tensor): Promise<Tensor> {
    let y = x;
    for (const block of this.stages.get(name)!) {
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

  /** The x4 tail: two convolutions with a pixel shuffle each, a third to colours, and the input enlarged. */
  private async enlarge(run: Run, x: Tensor, image: Tensor): Promise<Tensor> {
    const { engine } = run;
    using twice = await this.enlargeOnce(run, x);
    let y: Tensor = upsampleNearest(engine, image, this.scale);
    for (const range of this.strips(run, x)) {
      using before = y;
      using strip = await this.strip(run, 'tail.0.2', twice, range);
      y = this.conv(run, 'tail.1', strip, { from: range[0], residual: before });
    }
    return y;
  }

  private async enlargeOnce(run: Run, x: Tensor): Promise<Tensor> {
    const [n, c, h, w] = x.shape;
    const twice = run.engine.allocate([n, c, 2 * h, 2 * w]);
    try {
      for (const range of this.strips(run, x)) await this.strip(run, 'tail.0.0', x, range, twice.channels(...range));
      return twice;
    } catch (error) {
      twice.dispose();
      throw error;
    }
  }

  /** Some channels, at twice the size, of a convolution to four times as many with a pixel shuffle. */
  private async strip(
    run: Run,
    name: string,
    x: Tensor,
    [first, count]: readonly [number, number],
    into?: Tensor,
  ): Promise<Tensor> {
    using parts = this.conv(run, name, x, { range: [4 * first, 4 * count] });
    await run.step();
    return pixelShuffle(run.engine, parts, into);
  }

  /** Strips of the tail's channels. Between its convolutions, a quad of one of x's pixels takes 16 texels, twice. */
  private strips(run: Run, { shape: [n, channels, h, w] }: Tensor): [number, number][] {
    return chunks(channels, TAIL_STRIPS, n * h * w * 2 * 16 * 16, run.room);
  }

  private conv(run: Run, name: string, x: Tensor, options?: ConvOptions): Tensor {
    return conv2d(run.engine, x, this.convs.get(name)!, options);
  }

  /** What the names of each module's parameters begin with, before a dot, and how it is packed. */
  private *modules(checkpoint: Checkpoint): Generator<readonly [name: string, pack: (parameters: Parameters) => void]> {
    const { blocks, refinement, variant } = this.config;
    for (const [stage, count] of [
      ['encoder_level1', blocks[0]],
      ['encoder_level2', blocks[1]],
      ['encoder_level3', blocks[2]],
      ['latent', blocks[3]],
      ['decoder_level3', blocks[2]],
      ['decoder_level2', blocks[1]],
      ['decoder_level1', blocks[0]],
      ['refinement', refinement],
    ] as const) {
      const packed: Block[] = [];
      this.stages.set(stage, packed);
      for (let i = 0; i < count; i++) {
        const name = `${stage}.${i}`;
        yield [name, (parameters) => packed.push(new Block(parameters.below(name), name, variant))];
      }
    }
    for (const name of CONVS) {
      if (checkpoint.has(`${name}.weight`)) yield [name, (parameters) => this.convs.set(name, parameters.conv(name))];
    }
  }
}

/** Convolutions outside of blocks, in all variants. */
const CONVS = [
  'patch_embed.proj',
  'down1_2.body.0',
  'down2_3.body.0',
  'down3_4.body.0',
  'up4_3.body.0',
  'up3_2.body.0',
  'up2_1.body.0',
  'reduce_chan_level3',
  'reduce_chan_level2',
  'skip_conv',
  'output',
  'tail.0.0',
  'tail.0.2',
  'tail.1',
];

/** In how many strips of channels the x4 tail runs, at most: what is between its convolutions has 16 times the values of its input. */
const TAIL_STRIPS = 12;
