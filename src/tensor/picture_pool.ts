/** Pictures: those that were disposed are kept for the next of the same size, so that a steady run makes none. */
import type { Device } from './device.ts';
import { Picture } from './picture.ts';
import { newTexture } from './pool.ts';

interface Kept {
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly width: number;
  readonly height: number;
}

const bytesOf = ({ width, height }: Pick<Kept, 'width' | 'height'>): number => 4 * width * height;

export class PicturePool {
  private readonly free: Kept[] = [];
  /** Bytes of pictures in use, and of those that are kept. */
  live = 0;
  pooled = 0;
  /** Pictures made so far. */
  created = 0;
  private disposed = false;

  constructor(private readonly device: Device) {}

  /** A picture of undefined pixels. */
  take(width: number, height: number): Picture {
    const place = this.free.findIndex((kept) => kept.width === width && kept.height === height);
    const kept = place < 0 ? this.make(width, height) : this.free.splice(place, 1)[0];
    if (place >= 0) this.pooled -= bytesOf(kept);
    this.live += bytesOf(kept);
    return new Picture(kept, width, height, this.device.lifetime, () => {
      this.free.push(kept);
      this.live -= bytesOf(kept);
      this.pooled += bytesOf(kept);
      if (this.disposed) this.trim();
    });
  }

  /** Frees pictures that are not in use. */
  trim(): void {
    const { gl } = this.device;
    for (const { texture, framebuffer } of this.free.splice(0)) {
      gl.deleteFramebuffer(framebuffer);
      gl.deleteTexture(texture);
    }
    this.pooled = 0;
  }

  /** Frees all, and from now on pictures as soon as they are disposed. */
  dispose(): void {
    this.disposed = true;
    this.trim();
  }

  /** All went with their context. */
  forget(): void {
    this.free.length = 0;
    this.live = 0;
    this.pooled = 0;
  }

  private make(width: number, height: number): Kept {
    const { gl } = this.device;
    const storage = (): void => gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, width, height);
    const texture = newTexture(this.device, gl.TEXTURE_2D, storage, bytesOf({ width, height }));
    const framebuffer = gl.createFramebuffer()!;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    this.created++;
    return { texture, framebuffer, width, height };
  }
}
