/** An 8-bit RGBA picture on the GPU, alpha not multiplied in: the way in from an image and the way out to one. */
export class Picture {
  constructor(
    readonly texture: WebGLTexture,
    readonly framebuffer: WebGLFramebuffer,
    readonly width: number,
    readonly height: number,
    private readonly free: () => void,
  ) {}

  dispose(): void {
    this.free();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
