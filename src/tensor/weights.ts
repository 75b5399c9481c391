import { SizeError } from './errors.ts';

/** Constant texels in a plain 2D texture, `width` x `height`, four float32 each: what an operation packs its parameters into. */
export class Weights {
  constructor(
    readonly texture: WebGLTexture,
    readonly width: number,
    readonly height: number,
    private readonly free: () => void,
  ) {}

  get bytes(): number {
    return this.width * this.height * 16;
  }

  dispose(): void {
    this.free();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @throws SizeError naming the limit. */
export function checkWeightsFit(width: number, height: number, limit: number): void {
  if (width > limit || height > limit) {
    throw new SizeError(`Weights of ${width} x ${height} texels exceed this device's texture size of ${limit}.`);
  }
}
