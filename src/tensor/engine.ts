import { closeDevice, type Device, type DeviceOptions, openDevice, reopenDevice } from './device.ts';
import { drawPicture, drawTensor, type Inputs } from './draw.ts';
import { DeviceError, InputError, KernelError, lostContext, SizeError } from './errors.ts';
import { Fence, finished, pause, sleep } from './fence.ts';
import type { Layout, Precision, Shape } from './layout.ts';
import { followContext, Lifetime } from './lifetime.ts';
import type { Picture } from './picture.ts';
import { PicturePool } from './picture_pool.ts';
import { type Extent, type Memory, newTexture, type Placement, type Surface, sideOf, TexturePool } from './pool.ts';
import { type Kernel, Programs } from './program.ts';
import { type Format, Recorder } from './recorder.ts';
import { prepareTransfer } from './state.ts';
import type { Tensor } from './tensor.ts';
import { download, readPixels, upload } from './transfer.ts';
import { checkTextureSize, Weights } from './weights.ts';

export interface EngineOptions extends DeviceOptions {
  /** How activations are stored; 'f32' unless told. Half storage halves the traffic and the memory, at about three digits. */
  readonly precision?: Precision;
  /**
   * Most bytes that tensors may take; half of the machine's memory unless told, or 4 GiB where the browser keeps that to itself. WebGL
   * does not tell what a device has, and one in software would take what there is.
   */
  readonly memoryLimit?: number;
}

/** Milliseconds within which a browser tells that the process which drew for it has died. */
const TOLD_WITHIN = 100;

/** In bytes. Browsers tell of memory in GiB, rounded and up to some limit of theirs, and only pages that came by a secure way. */
function halfOfMemory(): number {
  const { deviceMemory = 8 } = navigator as { readonly deviceMemory?: number };
  return (deviceMemory / 2) * 2 ** 30;
}

/** Milliseconds that a part of the work should take. `settle` puts a fence after each; an abort, or the screen, waits for two at most. */
const PART_TIME = 100;
/** Texel fetches of the first parts, before the device's speed is known; no part is smaller. */
const LEAST_PART = 8e6;

/** Draws after which those issued are handed on: a browser gathers commands, and until it hands them on the GPU has nothing to do. */
const DRAWS_PER_FLUSH = 8;

/**
 * Tensors and kernels on one WebGL2 context.
 *
 * A context can be lost: the GPU was reset, or the browser needs it elsewhere. From then on everything rejects with a DeviceError, until
 * the browser gives the context back, for which the engine asks. It then works as a new one does, and programs are compiled as they
 * are needed. Tensors, weights and pictures from before stay lost, which they say when they are used; they take no more bytes.
 */
export class Engine extends Recorder {
  override format: Format;
  private readonly pool: TexturePool;
  private readonly pictures: PicturePool;
  private readonly programs: Programs;
  /** Most bytes that tensors may take. */
  readonly memoryLimit: number;
  private fixedBytes = 0;
  /** Texel fetches of a part, and those of the one that is being issued. */
  private part = LEAST_PART;
  private issued = 0;
  /** The end of the part before that one; and when the GPU had passed the end before that, by performance.now(), or 0. */
  private lastFence: Fence | null = null;
  private passedAt = 0;
  private disposed = false;
  /** Why a context that came back cannot be used. */
  private unusable: DeviceError | null = null;
  private readonly unfollow: () => void;

  constructor(
    private readonly device: Device,
    { memoryLimit = halfOfMemory(), precision = 'f32' }: EngineOptions = {},
  ) {
    super();
    if (!(memoryLimit > 0)) throw new InputError(`memoryLimit is a number of bytes above 0, not ${memoryLimit}.`);
    if (precision !== 'f32' && precision !== 'f16')
      throw new InputError(`precision is 'f32' or 'f16', not '${precision}'.`);
    this.memoryLimit = memoryLimit;
    this.format = formatOf(device, precision);
    this.pool = new TexturePool(device, memoryLimit);
    this.pictures = new PicturePool(device);
    this.programs = new Programs(device);
    this.unfollow = followContext(device.gl, { lost: () => this.forget(), restored: () => this.reopen() });
  }

  get renderer(): string {
    return this.device.renderer;
  }

  /** The context, for those who draw with it; the engine sets what it needs before each draw and restores nothing. */
  get gl(): WebGL2RenderingContext {
    return this.device.gl;
  }

  /** From the context's coming up to its loss: what is made now goes with it. */
  get lifetime(): Lifetime {
    return this.device.lifetime;
  }

  get memory(): Memory {
    const { live, pooled, peak } = this.pool.counts;
    return { live, pooled: pooled + this.pictures.pooled, peak, fixed: this.fixedBytes + this.pictures.live };
  }

  /** Textures, those of weights apart, and programs made so far: a steady run makes none. */
  get created(): { textures: number; programs: number } {
    return { textures: this.pool.created + this.pictures.created, programs: this.programs.count };
  }

  /**
   * Uploads values in row-major NCHW order.
   * @throws InputError when their number is not that of the shape, SizeError when the tensor does not fit, DeviceError.
   */
  tensor(values: ArrayLike<number>, shape: Shape): Tensor {
    this.assertUsable();
    const size = shape.reduce((a, b) => a * b, 1);
    if (values.length !== size)
      throw new InputError(`A tensor of shape [${shape.join(', ')}] has ${size} values, not ${values.length}.`);
    const tensor = this.allocate(shape);
    try {
      upload(this.device, tensor.layout, tensor.storage, values);
      return tensor;
    } catch (error) {
      tensor.dispose(); // packed as bricks, the values may be more than a page has memory for
      throw error;
    }
  }

  /** Uploads `width` x `height` texels of four values each. @throws InputError when their number is another. */
  weights(texels: Float32Array, width: number, height: number): Weights {
    this.assertUsable();
    checkTextureSize('Weights', width, height, this.format.maxTextureSize);
    if (texels.length !== width * height * 4)
      throw new InputError(
        `Weights of ${width} x ${height} texels have ${width * height * 4} values, not ${texels.length}.`,
      );
    const { gl } = this.device;
    // Only the height is moved off powers of two (see sideOf): kernels find the bias's column by the width, and within one operation all
    // widths are powers of two or none is.
    const rows = sideOf(height);
    const bytes = width * rows * 16;
    const storage = (): void => gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, width, rows);
    const texture = this.withRoom(() => newTexture(this.device, gl.TEXTURE_2D, storage, bytes));
    prepareTransfer(gl);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.FLOAT, texels);
    this.fixedBytes += bytes;
    return new Weights(texture, width, height, rows, this.device.lifetime, () => {
      gl.deleteTexture(texture);
      this.fixedBytes -= bytes;
    });
  }

  /**
   * A picture of undefined pixels, or one with the pixels of an image of that size, its alpha not multiplied in.
   * @throws InputError when a side is none, SizeError when it does not fit, DeviceError, or what the browser throws on an image it cannot use.
   */
  picture(width: number, height: number, image?: TexImageSource): Picture {
    this.assertUsable();
    checkTextureSize('A picture', width, height, this.format.maxTextureSize);
    const picture = this.withRoom(() => this.pictures.take(width, height));
    if (image) {
      const { gl } = this.device;
      try {
        prepareTransfer(gl);
        gl.bindTexture(gl.TEXTURE_2D, picture.texture);
        gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, image);
      } catch (error) {
        picture.dispose(); // of what is no image, or another site's
        throw error;
      }
    }
    return picture;
  }

  override acquire(layout: Layout): Placement {
    this.assertUsable();
    return this.withRoom(() => this.pool.acquire(layout));
  }

  /** A texture of just this size, for an arena. */
  take(extent: Extent): Surface {
    this.assertUsable();
    return this.withRoom(() => this.pool.take(extent));
  }

  override release(surface: Surface): void {
    this.pool.release(surface);
    if (this.disposed) this.pool.trim();
  }

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs, fetches: number): void {
    this.assertUsable();
    if (++this.draws % DRAWS_PER_FLUSH === 0) this.device.gl.flush();
    this.issued += drawTensor(this.device, this.programs, kernel, out, inputs, fetches);
  }

  drawPicture(kernel: Kernel, out: Picture, inputs: Inputs): void {
    this.assertUsable();
    drawPicture(this.device, this.programs, kernel, out, inputs);
  }

  /** The pixels of a picture, RGBA, rows from the top. */
  async readPicture({ framebuffer, width, height }: Picture): Promise<Uint8ClampedArray<ArrayBuffer>> {
    this.assertUsable();
    const pixels = new Uint8ClampedArray(width * height * 4);
    this.startOver();
    await readPixels(this.device, framebuffer, 1, width, height, this.device.gl.UNSIGNED_BYTE, pixels);
    return pixels;
  }

  async readSurface(layout: Layout, surface: Surface): Promise<Float32Array> {
    this.assertUsable();
    this.startOver();
    return download(this.device, layout, surface);
  }

  override async settle(): Promise<void> {
    this.assertUsable();
    if (this.issued < this.part) return;
    const { lastFence } = this;
    this.issued = 0;
    this.lastFence = new Fence(this.device);
    if (!lastFence) return;
    // Not for the last one: the GPU has that to do meanwhile, and never waits for what is issued next.
    await lastFence.passed();
    const now = performance.now();
    const growth = this.passedAt > 0 ? Math.min(2, PART_TIME / (now - this.passedAt)) : 1;
    this.part = Math.max(LEAST_PART, this.part * growth);
    this.passedAt = now;
  }

  /** Resolves when the GPU has done everything issued so far. */
  async finished(): Promise<void> {
    this.assertUsable();
    this.startOver();
    await finished(this.device);
  }

  /**
   * Runs long work, and if it fails because the context was lost, says so: a browser tells of a loss a moment after the first calls to
   * the context have failed, each in a way of its own, such as a shader that does not compile for no reason.
   * @throws DeviceError in place of these, or what the work throws.
   */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    const { lifetime, gl } = this.device;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KernelError || error instanceof DeviceError)) throw error;
      if (this.disposed) throw disposedEngine();
      const lost = (): boolean => lifetime.over || gl.isContextLost();
      for (let waited = 0; waited < TOLD_WITHIN && !lost() && !this.disposed; waited += 5) await sleep(5);
      throw lost() ? lostContext() : error;
    }
  }

  /** Compiles kernels ahead of their first draw, side by side. @throws DeviceError, or the signal's reason. */
  compile(kernels: Iterable<Kernel>, signal?: AbortSignal): Promise<void> {
    this.assertUsable();
    const { lifetime } = this.device;
    return this.programs.compile(kernels, async (polls) => {
      await pause(polls);
      signal?.throwIfAborted();
      this.assertUsable();
      if (lifetime.over) throw lostContext(); // it came back, but a program that is gone would never be done
    });
  }

  /** Frees textures that no tensor uses. */
  trim(): void {
    this.pool.trim();
    this.pictures.trim();
  }

  /**
   * Frees programs and pooled textures; tensors and weights still held are freed by their owners. A context that the engine opened itself is
   * given back to the browser with all that is in it.
   */
  dispose(): void {
    this.unfollow();
    this.startOver();
    this.pool.trim();
    this.pictures.dispose();
    this.programs.dispose();
    this.disposed = true;
    closeDevice(this.device);
  }

  /** @throws DeviceError when the engine was disposed, or its context is lost and has not come back. */
  assertUsable(): void {
    if (this.disposed) throw disposedEngine();
    if (this.device.gl.isContextLost()) throw lostContext();
    if (this.unusable) throw this.unusable;
  }

  /** The context is lost, and with it whatever was made in it. */
  private forget(): void {
    this.device.lifetime.end();
    this.device.lifetime = new Lifetime();
    this.pool.forget();
    this.pictures.forget();
    this.programs.forget();
    this.fixedBytes = 0;
    this.startOver();
  }

  /** Makes a texture; where the device has no memory for it, what lies in the pools makes room. */
  private withRoom<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof SizeError) || this.memory.pooled === 0) throw error;
      this.trim();
      return make();
    }
  }

  /** From here on parts of the work are told anew: what was issued is waited for by somebody else, or gone. */
  startOver(): void {
    this.issued = 0;
    this.lastFence?.drop();
    this.lastFence = null;
    this.passedAt = 0;
  }

  private reopen(): void {
    try {
      reopenDevice(this.device);
      this.format = formatOf(this.device, this.format.precision);
      this.unusable = null;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.unusable = error;
    }
  }
}

function formatOf({ attachments, maxTextureSize }: Device, precision: Precision): Format {
  return { attachments, precision, maxTextureSize };
}

const disposedEngine = (): DeviceError => new DeviceError('The engine was disposed.');

/**
 * Opens an engine on a canvas or context, or on a canvas of its own.
 * @throws DeviceError when there is no usable WebGL2 device, InputError when an option cannot be used.
 */
export async function createEngine(
  target?: HTMLCanvasElement | OffscreenCanvas | WebGL2RenderingContext,
  options?: EngineOptions,
): Promise<Engine> {
  const device = openDevice(target, options);
  try {
    return new Engine(device, options);
  } catch (error) {
    closeDevice(device);
    throw error;
  }
}
