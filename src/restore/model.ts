/** Image restoration: weights in, then images in and images out. */
import { type Config, parameterCount } from '../model/config.ts';
import { readCheckpoint } from '../model/formats.ts';
import { Network, SIZE_MULTIPLE } from '../model/network.ts';
import { Run } from '../model/run.ts';
import { createEngine, type Engine, Rehearsal } from '../tensor/engine.ts';
import { InputError, SizeError } from '../tensor/errors.ts';
import type { Picture } from '../tensor/picture.ts';
import type { Extent } from '../tensor/pool.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { decode, type ImageSource, paddedSize, pictureToTensor, tensorToImage } from './image.ts';
import { readSource, type WeightsSource } from './source.ts';

export interface Progress {
  readonly stage: 'load' | 'compile' | 'run';
  /** From 0 to 1 within the stage. */
  readonly fraction: number;
}

interface Watch {
  /** Stops the work between two of its parts; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface LoadOptions extends Watch {
  /** An engine to share; without one the model opens its own and disposes it with itself. */
  readonly engine?: Engine;
}

export type RestoreOptions = Watch;

/** What a run takes, known before it starts. */
export interface Plan {
  /** Most bytes that tensors take at once; weights come on top. */
  readonly bytes: number;
  readonly draws: number;
  /** `bytes` as a share of the engine's memory limit. */
  readonly share: number;
}

/** Side of the square for which kernels are collected: every kernel of a network is used at this size. */
const REHEARSAL_SIDE = 64;

/**
 * Loads a checkpoint, .safetensors or .pth, and compiles what it needs.
 * @throws InputError when it is not of a VmambaIR network or damaged, DeviceError when there is no usable WebGL2 device.
 */
export async function load(source: WeightsSource, { engine, signal, onProgress }: LoadOptions = {}): Promise<Model> {
  const start = performance.now();
  const watch = (fraction: number): void => onProgress?.({ stage: 'load', fraction });
  const checkpoint = readCheckpoint(await readSource(source, signal, watch));
  signal?.throwIfAborted();
  const own = engine ?? (await createEngine());
  try {
    const network = new Network(own, checkpoint);
    try {
      onProgress?.({ stage: 'load', fraction: 1 });
      const loaded = performance.now();
      onProgress?.({ stage: 'compile', fraction: 0 });
      const { rehearsal } = await rehearse(network, own, REHEARSAL_SIDE, REHEARSAL_SIDE);
      await own.compile(rehearsal.kernels.values());
      signal?.throwIfAborted();
      onProgress?.({ stage: 'compile', fraction: 1 });
      return new Model(
        own,
        network,
        { load: loaded - start, compile: performance.now() - loaded },
        engine === undefined,
      );
    } catch (error) {
      network.dispose();
      throw error;
    }
  } catch (error) {
    if (!engine) own.dispose();
    throw error;
  }
}

interface Rehearsed {
  /** After a run that made no texture which was not left by the one before: what it took is what every further run takes. */
  readonly rehearsal: Rehearsal;
  /** Textures to make before the first run. */
  readonly reserve: readonly Extent[];
}

/**
 * Runs a network without a device: once to find its fullest moment, then with the textures of that moment reserved, since most of
 * what comes before and after fits into them, until a run makes no more.
 * @throws SizeError when a tensor exceeds the texture size.
 */
async function rehearse(network: Network, { format }: Engine, width: number, height: number): Promise<Rehearsed> {
  const [h, w] = paddedSize(width, height, SIZE_MULTIPLE);
  const perform = async (rehearsal: Rehearsal): Promise<void> => {
    rehearsal.draws = 0;
    using image = rehearsal.allocate([1, network.config.inChannels, h, w]);
    using _output = await network.run(new Run(rehearsal), image);
  };
  const first = new Rehearsal(format);
  await perform(first);
  const reserve = first.fullest;
  const rehearsal = new Rehearsal(format, reserve);
  for (let made = -1; rehearsal.created > made; ) {
    made = rehearsal.created;
    await perform(rehearsal);
  }
  return { rehearsal, reserve };
}

export class Model {
  private queue: Promise<unknown> = Promise.resolve();
  private lastSize = '';

  constructor(
    readonly engine: Engine,
    private readonly network: Network,
    /** Milliseconds that loading and compiling took. */
    readonly timings: { readonly load: number; readonly compile: number },
    private readonly ownsEngine: boolean,
  ) {}

  get config(): Config {
    return this.network.config;
  }

  get variant(): string {
    return this.config.variant;
  }

  /** Number of parameters. */
  get parameters(): number {
    return parameterCount(this.config);
  }

  /** How many times larger the output is: 1 or 4. */
  get scale(): number {
    return this.network.scale;
  }

  /** What a picture of this size takes. @throws SizeError when it exceeds the device, naming a size that fits. */
  async plan(width: number, height: number): Promise<Plan> {
    if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
      throw new InputError(`A picture cannot be ${width} x ${height}: its sides are whole numbers from 1 on.`);
    }
    const { rehearsal } = await this.rehearse(width, height);
    const bytes = rehearsal.peakBytes;
    return { bytes, draws: rehearsal.draws, share: bytes / this.engine.memoryLimit };
  }

  /** @throws SizeError when the picture exceeds the device, naming a size that fits. */
  private async rehearse(width: number, height: number): Promise<Rehearsed> {
    const rehearsed = await this.rehearseIfFits(width, height);
    if (rehearsed) return rehearsed;
    const [w, h] = await this.largestThatFits(width, height);
    throw new SizeError(
      `A picture of ${width} x ${height} is too large for this device and network; ${w} x ${h} fits.`,
    );
  }

  /** Restores an image; alpha is carried over. Calls wait for each other. @throws InputError, SizeError, DeviceError or the signal's reason. */
  restore(image: ImageSource, options: RestoreOptions = {}): Promise<ImageData> {
    return this.enqueue(image, options, (output, picture) => tensorToImage(this.engine, output, picture, this.scale));
  }

  /** Like `restore`, but gives the network's own float32 values, cropped and not clamped. */
  restoreTensor(
    image: ImageSource,
    options: RestoreOptions = {},
  ): Promise<{ data: Float32Array; shape: [1, 3, number, number] }> {
    return this.enqueue(image, options, async (output, { width, height }) => {
      const shape: [1, 3, number, number] = [1, 3, height * this.scale, width * this.scale];
      return { data: crop(await output.read(), output.shape, shape), shape };
    });
  }

  dispose(): void {
    this.network.dispose();
    if (this.ownsEngine) this.engine.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** One run after the other: side by side they would take twice the memory and finish no sooner. */
  private enqueue<T>(
    image: ImageSource,
    watch: Watch,
    finish: (output: Tensor, picture: Picture) => Promise<T>,
  ): Promise<T> {
    const result = this.queue.then(() => this.process(image, watch, finish));
    this.queue = result.catch(() => {});
    return result;
  }

  private async process<T>(
    image: ImageSource,
    { signal, onProgress }: Watch,
    finish: (output: Tensor, picture: Picture) => Promise<T>,
  ): Promise<T> {
    const { engine } = this;
    signal?.throwIfAborted();
    const bitmap = await decode(image);
    try {
      const { width, height } = bitmap;
      const { rehearsal, reserve } = await this.rehearse(width, height);
      this.reserveForSize(width, height, reserve);
      using picture = engine.picture(width, height, bitmap);
      using input = pictureToTensor(engine, picture, SIZE_MULTIPLE);
      const before = engine.draws;
      const report = (fraction: number): void => onProgress?.({ stage: 'run', fraction });
      report(0);
      using output = await this.network.run(
        new Run(engine, signal, () => report(Math.min(1, (engine.draws - before) / rehearsal.draws))),
        input,
      );
      const result = await finish(output, picture);
      report(1);
      return result;
    } finally {
      bitmap.close();
    }
  }

  /** Textures of another size are of no use to this run. */
  private reserveForSize(width: number, height: number, reserve: readonly Extent[]): void {
    const size = paddedSize(width, height, SIZE_MULTIPLE).join('x');
    if (size !== this.lastSize) this.engine.reserve(reserve);
    this.lastSize = size;
  }

  private async rehearseIfFits(width: number, height: number): Promise<Rehearsed | null> {
    if (Math.max(width, height) * this.scale > this.engine.format.maxTextureSize) return null;
    try {
      const rehearsed = await rehearse(this.network, this.engine, width, height);
      return rehearsed.rehearsal.peakBytes <= this.engine.memoryLimit ? rehearsed : null;
    } catch (error) {
      if (error instanceof SizeError) return null;
      throw error;
    }
  }

  /** The largest size of about these proportions that fits, to 1/64 of the way. */
  private async largestThatFits(width: number, height: number): Promise<[number, number]> {
    const sizeAt = (share: number): [number, number] => [
      Math.max(1, Math.floor(width * share)),
      Math.max(1, Math.floor(height * share)),
    ];
    let fits = 0;
    let tooLarge = 1;
    for (let share = 0.5; tooLarge - fits > fits / 64; share = (fits + tooLarge) / 2) {
      if (await this.rehearseIfFits(...sizeAt(share))) fits = share;
      else tooLarge = share;
      if (tooLarge * Math.max(width, height) < 1) break;
    }
    return sizeAt(fits);
  }
}

/** The upper left part of a [1, c, h, w] tensor's values. */
function crop(
  values: Float32Array,
  [, channels, fromHeight, fromWidth]: readonly number[],
  [, , height, width]: readonly number[],
): Float32Array {
  if (fromHeight === height && fromWidth === width) return values;
  const cropped = new Float32Array(channels * height * width);
  for (let row = 0; row < channels * height; row++) {
    const channel = Math.floor(row / height);
    const at = (channel * fromHeight + (row % height)) * fromWidth;
    cropped.set(values.subarray(at, at + width), row * width);
  }
  return cropped;
}
