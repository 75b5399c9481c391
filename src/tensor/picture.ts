import { DISPOSE } from './dispose.ts';
import { DeviceError, InputError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';

/** An 8-bit RGBA picture on the GPU, alpha not multiplied in: the way in from an image and the way out to one. */
export class Picture {
  constructor(
    private storage: { readonly texture: WebGLTexture; readonly framebuffer: WebGLFramebuffer } | null,
    readonly width: number,
    readonly height: number,
    private readonly lifetime: Lifetime,
    private readonly free: () => void,
  ) {}

  /** @throws InputError once it is disposed, DeviceError when it went with its context. */
  get texture(): WebGLTexture {
    return this.held.texture;
  }

  /** @throws InputError once it is disposed, DeviceError when it went with its context. */
  get framebuffer(): WebGLFramebuffer {
    return this.held.framebuffer;
  }

  private get held() {
    if (!this.storage)
      throw new InputError(`A picture of ${this.width} x ${this.height} pixels was used after it was disposed.`);
    if (this.lifetime.over)
      throw new DeviceError(`A picture of ${this.width} x ${this.height} pixels was lost with the WebGL2 context.`);
    return this.storage;
  }

  dispose(): void {
    if (!this.storage) return;
    this.storage = null;
    if (!this.lifetime.over) this.free();
  }

  [DISPOSE](): void {
    this.dispose();
  }
}
