import { InputError } from './errors.ts';

/** An 8-bit RGBA picture on the GPU, alpha not multiplied in: the way in from an image and the way out to one. */
export class Picture {
  constructor(
    private storage: { readonly texture: WebGLTexture; readonly framebuffer: WebGLFramebuffer } | null,
    readonly width: number,
    readonly height: number,
    private readonly free: () => void,
  ) {}

  /** @throws InputError once it is disposed. */
  get texture(): WebGLTexture {
    return this.held.texture;
  }

  /** @throws InputError once it is disposed. */
  get framebuffer(): WebGLFramebuffer {
    return this.held.framebuffer;
  }

  private get held() {
    if (!this.storage)
      throw new InputError(`A picture of ${this.width} x ${this.height} pixels was used after it was disposed.`);
    return this.storage;
  }

  dispose(): void {
    if (!this.storage) return;
    this.storage = null;
    this.free();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
