import { DISPOSE } from './dispose.ts';
import { DeviceError, InputError, SizeError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';

/** Constant texels in a plain 2D texture, `width` x `height`, four float32 each: what an operation packs its parameters into. */
export class Weights {
  constructor(
    private handle: WebGLTexture | null,
    readonly width: number,
    readonly height: number,
    /** Rows of the texture, of which some at its end may be unused. */
    readonly textureHeight: number,
    private readonly lifetime: Lifetime,
    private readonly free: () => void,
  ) {}

  /** @throws InputError once they are disposed, DeviceError when they went with their context. */
  get texture(): WebGLTexture {
    if (!this.handle)
      throw new InputError(`Weights of ${this.width} x ${this.height} texels were used after they were disposed.`);
    if (this.lifetime.over)
      throw new DeviceError(`Weights of ${this.width} x ${this.height} texels were lost with the WebGL2 context.`);
    return this.handle;
  }

  get bytes(): number {
    return this.width * this.textureHeight * 16;
  }

  dispose(): void {
    if (!this.handle) return;
    this.handle = null;
    if (!this.lifetime.over) this.free();
  }

  [DISPOSE](): void {
    this.dispose();
  }
}

/** @throws SizeError naming the limit, InputError when there is no such size at all. */
export function checkTextureSize(what: string, width: number, height: number, limit: number): void {
  if (![width, height].every((n) => Number.isInteger(n) && n > 0))
    throw new InputError(`A texture cannot have ${width} x ${height} texels: both are whole numbers from 1 on.`);
  if (width > limit || height > limit) {
    throw new SizeError(
      `${what} of ${width} x ${height} texels: a side of a texture has at most ${limit} on this device.`,
    );
  }
}
