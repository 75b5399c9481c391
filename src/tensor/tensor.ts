import { DISPOSE } from './dispose.ts';
import { DeviceError, InputError } from './errors.ts';
import { type Layout, quadsOf, type Shape } from './layout.ts';
import type { Placement, Surface } from './pool.ts';

/** Where tensors get their textures, give them back, and are read. */
export interface TensorSource {
  acquire(layout: Layout): Placement;
  release(surface: Surface): void;
  readSurface(layout: Layout, surface: Surface): Promise<Float32Array>;
}

/**
 * Values of shape [batch, channels, height, width] on the GPU, float32 or, where the engine's precision is 'f16', half floats; read back as
 * float32.
 *
 * Whoever gets a tensor from an operation owns it and disposes it, by `dispose()` or by declaring it with `using`.
 * A view from `channels()` owns nothing and is valid as long as its tensor.
 */
export class Tensor {
  /** How it lies in its texture; a view has the layout of its tensor. */
  readonly layout: Layout;
  readonly shape: Shape;
  /** Quad of the layout where this tensor's channels begin: 0 but for views. */
  readonly firstQuad: number;
  private readonly parent: Tensor | null;
  private surface: Surface | null;

  constructor(
    private readonly source: TensorSource,
    layout: Layout,
    view?: { readonly of: Tensor; readonly shape: Shape; readonly firstQuad: number },
  ) {
    const placement = view ? { layout, surface: null } : source.acquire(layout);
    this.layout = placement.layout;
    this.surface = placement.surface;
    this.shape = view?.shape ?? layout.shape;
    this.firstQuad = view?.firstQuad ?? 0;
    this.parent = view?.of ?? null;
  }

  /** Number of texels that hold the channels of one pixel. */
  get quads(): number {
    return quadsOf(this.shape[1]);
  }

  /** The texture and framebuffer behind it. @throws InputError once it is disposed, DeviceError when it went with its context. */
  get storage(): Surface {
    const surface = this.parent ? this.parent.storage : this.surface;
    if (!surface) throw new InputError(`A tensor of shape [${this.shape.join(', ')}] was used after it was disposed.`);
    if (surface.lifetime.over)
      throw new DeviceError(`A tensor of shape [${this.shape.join(', ')}] was lost with the WebGL2 context.`);
    return surface;
  }

  /**
   * A view of `count` channels from channel `first` on, which must be a multiple of 4. Where it ends within a quad, the rest of that
   * quad must be zero, as a convolution with parts leaves it: operations take whole quads.
   */
  channels(first: number, count: number): Tensor {
    const [n, c, h, w] = this.shape;
    const whole = Number.isInteger(first / 4) && Number.isInteger(count);
    if (!whole || first < 0 || count < 1 || first + count > c) {
      throw new InputError(
        `Channels ${first} to ${first + count - 1} are no view of a tensor with ${c}: a view starts at a multiple of 4 and ends within.`,
      );
    }
    const firstQuad = this.firstQuad + first / 4;
    return new Tensor(this.source, this.layout, { of: this.parent ?? this, shape: [n, count, h, w], firstQuad });
  }

  /** The values in row-major NCHW order; resolves when the GPU is done with them. */
  async read(): Promise<Float32Array> {
    const whole = await this.source.readSurface(this.layout, this.storage);
    if (!this.parent) return whole;
    const [n, c, h, w] = this.shape;
    const all = this.layout.shape[1];
    const values = new Float32Array(n * c * h * w);
    for (let i = 0; i < n; i++) {
      const from = (i * all + this.firstQuad * 4) * h * w;
      values.set(whole.subarray(from, from + c * h * w), i * c * h * w);
    }
    return values;
  }

  dispose(): void {
    if (!this.surface) return;
    this.source.release(this.surface);
    this.surface = null;
  }

  [DISPOSE](): void {
    this.dispose();
  }
}
