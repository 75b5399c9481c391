/** Image restoration: weights are there, images go in and come out. */
import { type Config, parameterCount } from '../model/config.ts';
import { type Network, SIZE_MULTIPLE } from '../model/network.ts';
import { Run } from '../model/run.ts';
import { Arena } from '../tensor/arena.ts';
import { DISPOSE } from '../tensor/dispose.ts';
import type { Engine } from '../tensor/engine.ts';
import { InputError, SizeError } from '../tensor/errors.ts';
import { nextTask } from '../tensor/fence.ts';
import type { MemoryPlan } from '../tensor/memory_plan.ts';
import type { Picture } from '../tensor/picture.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bringUp } from './bring_up.ts';
import { declaredByPng } from './declared_size.ts';
import {
  closeAll,
  colourSpaceOf,
  decodeAll,
  type ImagePair,
  type ImageSource,
  imagesFor,
  paddedSize,
  pictureToTensor,
  tensorToImage,
} from './image.ts';
import { rehearse } from './rehearse.ts';
import type { Watch } from './watch.ts';

export type RestoreOptions = Watch;

/** What a run takes, known before it starts. */
export interface Plan {
  /** Most bytes that tensors take at once; weights and the pictures themselves, 4 bytes a pixel each, come on top. */
  readonly bytes: number;
  readonly draws: number;
  /** `bytes` as a share of the engine's memory limit. */
  readonly share: number;
}

interface Rehearsed {
  readonly memory: MemoryPlan;
  readonly draws: number;
  /** That parts had; undefined where the network sized them. */
  readonly room?: number;
}

/**
 * A network on an engine, from `load`.
 *
 * When the engine's context is lost, runs reject with a DeviceError until it has come back. The first run after that loads the weights
 * and compiles the kernels again, which `onProgress` tells, and gives what it would have given before.
 */
export class Model {
  /** Settles when the runs that were asked for so far have ended. */
  private queue: Promise<void> = Promise.resolve();
  /** The size for which the engine's textures are. */
  private texturesFor = '';
  /** Of the last size: to go through the network takes 2 to 200 ms, and pictures mostly come in one size. */
  private lastRehearsal: { readonly size: string; readonly rehearsed: Rehearsed } | null = null;
  private disposed = false;

  constructor(
    readonly engine: Engine,
    private network: Network,
    private readonly checkpoint: Blob,
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

  /**
   * What a picture of this size takes.
   * @throws InputError when it is no size, SizeError when it exceeds the device, naming a size that fits.
   */
  async plan(width: number, height: number): Promise<Plan> {
    if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
      throw new InputError(`A picture cannot be ${width} x ${height}: its sides are whole numbers from 1 on.`);
    }
    const { memory, draws } = await this.rehearse(width, height);
    return { bytes: memory.bytes, draws, share: memory.bytes / this.engine.memoryLimit };
  }

  /** @throws SizeError when the picture exceeds the device, naming a size that fits. */
  private async rehearse(width: number, height: number): Promise<Rehearsed> {
    const size = `${width}x${height}`;
    if (this.lastRehearsal?.size === size) return this.lastRehearsal.rehearsed;
    const { memoryLimit } = this.engine;
    const rehearsed = await this.rehearseIfFits(width, height, memoryLimit);
    if (!rehearsed) throw await this.tooLarge(width, height, memoryLimit);
    this.lastRehearsal = { size, rehearsed };
    return rehearsed;
  }

  /**
   * Takes all textures of a run; where the device has no memory for them, those of the same in the smallest parts.
   * @throws SizeError when it has none for these either, naming a size for which it had.
   */
  private async takeTextures(width: number, height: number, planned: Rehearsed): Promise<[Arena, Rehearsed]> {
    const { engine } = this;
    let had = 0; // what the device gave before it gave no more
    let rehearsed: Rehearsed | null = planned;
    while (rehearsed) {
      try {
        const arena = new Arena(engine, rehearsed.memory);
        this.lastRehearsal = { size: `${width}x${height}`, rehearsed }; // the next picture need not try again what did not fit
        return [arena, rehearsed];
      } catch (error) {
        if (!(error instanceof SizeError)) throw error;
        had = Math.max(had, engine.memory.pooled);
        engine.trim();
      }
      rehearsed = rehearsed.room === 0 ? null : await this.rehearseWith(0, width, height);
    }
    throw await this.tooLarge(width, height, had);
  }

  private async tooLarge(width: number, height: number, limit: number): Promise<SizeError> {
    const fits = await this.largestThatFits(width, height, limit);
    const hint = fits ? `; ${fits[0]} x ${fits[1]} fits` : ', and so is any other';
    return new SizeError(`A picture of ${width} x ${height} is too large for this device and network${hint}.`);
  }

  /**
   * Restores an image, or the pair that a dual-pixel network takes, left and right, of equal size. Alpha is carried over from the first. Colours
   * are sRGB, into which an image's own profile is converted; ImageData keeps the colour space that it has.
   * Calls wait for each other, and an image is read when its turn comes: until then it must stay open and as it is.
   * @throws InputError, SizeError, DeviceError or the signal's reason.
   */
  restore(image: ImageSource | ImagePair, options: RestoreOptions = {}): Promise<ImageData> {
    const colours = colourSpaceOf(image);
    return this.enqueue(image, options, (output, picture) =>
      tensorToImage(this.engine, output, picture, this.scale, colours),
    );
  }

  /** Like `restore`, but gives the network's own float32 values, cropped and not clamped. */
  restoreTensor(
    image: ImageSource | ImagePair,
    options: RestoreOptions = {},
  ): Promise<{ data: Float32Array; shape: [1, 3, number, number] }> {
    return this.enqueue(image, options, async (output, { width, height }) => {
      const shape: [1, 3, number, number] = [1, 3, height * this.scale, width * this.scale];
      return { data: crop(await output.read(), output.shape, shape), shape };
    });
  }

  dispose(): void {
    this.disposed = true;
    this.network.dispose();
    if (this.ownsEngine) this.engine.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  /** One run after the other: side by side they would take twice the memory and finish no sooner. */
  private enqueue<T>(
    image: ImageSource | ImagePair,
    watch: Watch,
    finish: (output: Tensor, picture: Picture) => Promise<T>,
  ): Promise<T> {
    const turn = untilAborted(this.queue, watch.signal);
    const result = turn.then(() => this.engine.attempt(() => this.process(image, watch, finish)));
    const ended = result.then(ignore, ignore); // which holds no result
    this.queue = this.queue.then(() => ended);
    return result;
  }

  private async process<T>(
    image: ImageSource | ImagePair,
    watch: Watch,
    finish: (output: Tensor, picture: Picture) => Promise<T>,
  ): Promise<T> {
    const { engine } = this;
    const { signal, onProgress } = watch;
    signal?.throwIfAborted();
    const images = imagesFor(this.config, image);
    await this.revive(watch);
    for (const one of images) await this.refuseTooLarge(one);
    const decoded = await decodeAll(images);
    try {
      const [first, second] = decoded;
      const { width, height } = first;
      const planned = await this.rehearse(width, height);
      this.trimForSize(width, height);
      const [taken, { draws, room }] = await this.takeTextures(width, height, planned);
      using arena = taken;
      using picture = engine.picture(width, height, first);
      using right = second && engine.picture(width, height, second);
      using input = pictureToTensor(arena, picture, SIZE_MULTIPLE, right);
      const report = (fraction: number): void => onProgress?.({ stage: 'run', fraction });
      report(0);
      using output = await this.network.run(
        new Run(arena, { signal, room, onStep: () => report(Math.min(1, arena.draws / draws)) }),
        input,
      );
      const result = await finish(output, picture);
      report(1);
      return result;
    } finally {
      closeAll(decoded);
    }
  }

  /** Before it is decoded, which takes memory too. */
  private async refuseTooLarge(image: ImageSource): Promise<void> {
    const size = image instanceof Blob ? await declaredByPng(image).catch(() => null) : null;
    if (size) await this.rehearse(...size);
  }

  /** Makes the network again after it went with the engine's context. */
  private async revive(watch: Watch): Promise<void> {
    if (this.disposed) throw new InputError('The model was used after it was disposed.');
    this.engine.assertUsable();
    if (!this.network.lost) return;
    const { network } = await bringUp(this.engine, this.checkpoint, watch);
    if (this.disposed) {
      network.dispose();
      throw new InputError('The model was disposed while it was loaded again.');
    }
    this.network = network;
    this.texturesFor = '';
    this.lastRehearsal = null; // the device may be another
  }

  /** Textures of another size are of no use to this run. */
  private trimForSize(width: number, height: number): void {
    const size = paddedSize(width, height, SIZE_MULTIPLE).join('x');
    if (size !== this.texturesFor) this.engine.trim();
    this.texturesFor = size;
  }

  /** With the usual room for parts, or, where that takes more bytes than `limit`, in the smallest parts; null where these do too. */
  private async rehearseIfFits(width: number, height: number, limit: number): Promise<Rehearsed | null> {
    for (const room of [undefined, 0]) {
      const rehearsed = await this.rehearseWith(room, width, height);
      if (rehearsed && rehearsed.memory.bytes <= limit) return rehearsed;
    }
    return null;
  }

  /** Null where a texture would be too large. */
  private async rehearseWith(room: number | undefined, width: number, height: number): Promise<Rehearsed | null> {
    const { format } = this.engine;
    if (Math.max(width, height) * this.scale > format.maxTextureSize) return null;
    try {
      const { memoryPlan: memory, draws } = await rehearse(this.network, format, width, height, room);
      return { memory, draws, room };
    } catch (error) {
      if (error instanceof SizeError) return null;
      throw error;
    }
  }

  /** The largest size of about these proportions that takes no more bytes than `limit`, to 1/64 of the way; null if none does. */
  private async largestThatFits(width: number, height: number, limit: number): Promise<[number, number] | null> {
    const sizeAt = (share: number): [number, number] => [
      Math.max(1, Math.floor(width * share)),
      Math.max(1, Math.floor(height * share)),
    ];
    let fits = 0;
    let tooLarge = 1;
    for (let share = 0.5; tooLarge - fits > fits / 64; share = (fits + tooLarge) / 2) {
      await nextTask();
      if (await this.rehearseIfFits(...sizeAt(share), limit)) fits = share;
      else tooLarge = share;
      if (tooLarge * Math.max(width, height) < 1) break;
    }
    const found = sizeAt(fits);
    return fits > 0 || (await this.rehearseIfFits(...found, limit)) ? found : null;
  }
}

function ignore(): void {}

/** Waits for `turn`, and no longer than until the signal says that nobody wants it: then rejects with its reason. */
function untilAborted(turn: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (!signal) return turn;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    turn.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
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
