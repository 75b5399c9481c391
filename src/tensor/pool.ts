/** Textures: every byte on the GPU is made, counted and freed here. */
import * as twgl from 'twgl.js';
import type { Device } from './device.ts';
import { DeviceError, SizeError } from './errors.ts';
import type { Layout, Precision } from './layout.ts';
import type { Lifetime } from './lifetime.ts';

/** A float texture array with a framebuffer that has each of its layers as an attachment. */
export interface Surface {
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly width: number;
  readonly height: number;
  readonly layers: number;
  readonly precision: Precision;
  readonly bytes: number;
  readonly lifetime: Lifetime;
}

/** A tensor's place: a surface, and how it lies there. */
export interface Placement {
  readonly surface: Surface;
  readonly layout: Layout;
}

export interface Memory {
  /** Bytes of tensors in use. */
  readonly live: number;
  /** Bytes kept for the next tensor or picture of the same size. */
  readonly pooled: number;
  /** Most bytes that tensors, in use and kept, have taken at once. */
  readonly peak: number;
  /** Bytes of weights and pictures. */
  readonly fixed: number;
}

const TEXEL_BYTES: Readonly<Record<Precision, number>> = { f32: 16, f16: 8 };

/** A surface's size. */
export type Extent = Omit<Surface, 'texture' | 'framebuffer' | 'lifetime'>;

/**
 * Makes textures and keeps those that were released for the next tensor of the same size. Of another size it takes none, though it might fit: the
 * tensor that the texture was made for would need a new one the next time, and a second run would take more than the first.
 */
export class TexturePool {
  private readonly free: Surface[] = [];
  private live = 0;
  private pooled = 0;
  private peak = 0;
  /** Surfaces made so far: a steady run makes none. */
  created = 0;

  constructor(
    private readonly device: Device,
    private readonly memoryLimit: number,
  ) {}

  get counts(): Pick<Memory, 'live' | 'pooled' | 'peak'> {
    return { live: this.live, pooled: this.pooled, peak: this.peak };
  }

  acquire(layout: Layout): Placement {
    return { layout, surface: this.take(extentOf(layout), `A tensor of shape [${layout.shape.join(', ')}]`) };
  }

  /** A surface of just this size. @param what names it where it does not fit */
  take(extent: Extent, what = `A texture of ${extent.width} x ${extent.height} x ${extent.layers} texels`): Surface {
    const same = this.find(extent);
    return same ? this.use(same) : this.make(extent, what);
  }

  release(surface: Surface): void {
    if (surface.lifetime.over) return; // it is counted no more
    this.free.push(surface);
    this.live -= surface.bytes;
    this.pooled += surface.bytes;
  }

  /** Frees what no tensor uses. */
  trim(): void {
    for (const surface of this.free.splice(0)) this.destroy(surface);
    this.pooled = 0;
  }

  /** Counts no more what went with its context. */
  forget(): void {
    this.free.length = 0;
    this.live = 0;
    this.pooled = 0;
  }

  /** A free surface of just this size. */
  private find(extent: Extent): Surface | undefined {
    return this.free.find(
      ({ width, height, layers, precision }) =>
        width === extent.width &&
        height === extent.height &&
        layers === extent.layers &&
        precision === extent.precision,
    );
  }

  /** A free surface is no longer free. */
  private use(surface: Surface): Surface {
    this.free.splice(this.free.indexOf(surface), 1);
    this.pooled -= surface.bytes;
    this.live += surface.bytes;
    return surface;
  }

  /** @param what names it where it does not fit. */
  private make(extent: Extent, what: string): Surface {
    const surface = this.create(extent, what);
    this.created++;
    this.live += surface.bytes;
    this.peak = Math.max(this.peak, this.live + this.pooled);
    return surface;
  }

  private create(extent: Extent, what: string): Surface {
    const { width, height, layers, precision, bytes } = extent;
    const { live, pooled } = this.counts;
    if (live + pooled + bytes > this.memoryLimit) this.trim();
    if (live + bytes > this.memoryLimit) {
      throw new SizeError(
        `${what} takes ${bytes} bytes; with ${live} in use that exceeds the limit of ${this.memoryLimit}.`,
      );
    }
    const { gl } = this.device;
    const format = precision === 'f16' ? gl.RGBA16F : gl.RGBA32F;
    const texture = newTexture(
      this.device,
      gl.TEXTURE_2D_ARRAY,
      () => gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, format, width, height, layers),
      bytes,
    );
    const attachments = Array.from({ length: layers }, (_, layer) => ({
      attachment: texture,
      attachmentPoint: gl.COLOR_ATTACHMENT0 + layer,
      layer,
    }));
    const { framebuffer } = twgl.createFramebufferInfo(gl, attachments, width, height);
    gl.drawBuffers(attachments.map(({ attachmentPoint }) => attachmentPoint));
    const status = gl.checkFramebufferStatus(gl.FRAMEBUFFER);
    if (status !== gl.FRAMEBUFFER_COMPLETE && !gl.isContextLost()) {
      gl.deleteFramebuffer(framebuffer);
      gl.deleteTexture(texture);
      throw new DeviceError(
        `${this.device.renderer} cannot render to ${layers} ${precision} layers of ${width} x ${height} (framebuffer status ${status}).`,
      );
    }
    return { ...extent, texture, framebuffer, lifetime: this.device.lifetime };
  }

  private destroy({ texture, framebuffer }: Surface): void {
    this.device.gl.deleteFramebuffer(framebuffer);
    this.device.gl.deleteTexture(texture);
  }
}

/** The size of a texture in which a tensor lies as laid out. */
export function extentOf({ textureWidth, textureHeight, layers, precision }: Layout): Extent {
  const width = sideOf(textureWidth);
  const height = sideOf(textureHeight);
  return { width, height, layers, precision, bytes: width * height * layers * TEXEL_BYTES[precision] };
}

/** Texels of a side that every device offers. */
const ALWAYS_OFFERED = 2048;

/**
 * The side of a texture for so many texels: one more where they are a power of two. Mesa's llvmpipe compiles a kernel anew for each
 * combination of its textures' sides that are powers of two and that are not. With hardly one that is, half of the tests of networks took
 * 169 s in place of 384 with nothing in the driver's cache.
 */
export function sideOf(texels: number): number {
  const powerOfTwo = (texels & (texels - 1)) === 0;
  return powerOfTwo && texels < ALWAYS_OFFERED ? Math.max(3, texels + 1) : texels;
}

/** A texture with nearest sampling whose storage `allocate` makes. @throws SizeError when the device has no memory for it. */
export function newTexture(
  { gl, renderer }: Device,
  target: number,
  allocate: () => void,
  bytes: number,
): WebGLTexture {
  const texture = gl.createTexture()!;
  gl.bindTexture(target, texture);
  while (gl.getError() !== gl.NO_ERROR && !gl.isContextLost()); // an older error must not be taken for this one
  allocate();
  if (gl.getError() === gl.OUT_OF_MEMORY) {
    gl.deleteTexture(texture);
    throw new SizeError(`${renderer} has no memory for a texture of ${bytes} bytes.`);
  }
  twgl.setTextureParameters(gl, texture, { target, minMag: gl.NEAREST, wrap: gl.CLAMP_TO_EDGE });
  return texture;
}
