import { InputError, SizeError } from './errors.ts';

/** Constant texels in a plain 2D texture, `width` x `height`, four float32 each: what an operation packs its parameters into. */
export class Weights {
  constructor(
    private handle: WebGLTexture | null,
    readonly width: number,
    readonly height: number,
    private readonly free: () => void,
  ) {}

  /** @throws InputError once they are disposed. */
  get texture(): WebGLTexture {
    if (!this.handle)
      throw new InputError(`Weights of ${this.width} x ${this.height} texels were used after they were disposed.`);
    return this.handle;
  }

  get bytes(): number {
    return this.width * this.height * 16;
  }

  dispose(): void {
    if (!this.handle) return;
    this.handle = null;
    this.free();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @throws SizeError naming the limit, InputError when there is no such size at all. */
export function checkWeightsFit(width: number, height: number, limit: number): void {
  if (![width, height].every((n) => Number.isInteger(n) && n > 0))
    throw new InputError(`A texture cannot have ${width} x ${height} texels: both are whole numbers from 1 on.`);
  if (width > limit || height > limit) {
    throw new SizeError(`Weights of ${width} x ${height} texels exceed this device's texture size of ${limit}.`);
  }
}
