/** Textures: every byte on the GPU is made, counted and freed here. */
import * as twgl from 'twgl.js';
import type { Device } from './device.ts';
import { DeviceError, SizeError } from './errors.ts';
import type { Layout, Precision } from './layout.ts';

/** A float texture array with a framebuffer that has each of its layers as an attachment. */
export interface Surface {
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly bytes: number;
}

export interface Memory {
  /** Bytes of tensors in use. */
  readonly live: number;
  /** Bytes kept for the next tensor of the same size. */
  readonly pooled: number;
  /** Most bytes that tensors, in use and kept, have taken at once. */
  readonly peak: number;
  /** Bytes of weights and pictures. */
  readonly fixed: number;
}

const TEXEL_BYTES: Readonly<Record<Precision, number>> = { f32: 16, f16: 8 };

/** Where tensors get their textures: the pool on the device, or one that only counts. */
export interface SurfaceSource {
  acquire(layout: Layout): Surface;
  release(layout: Layout, surface: Surface): void;
}

export const surfaceBytes = (layout: Layout): number =>
  layout.textureWidth * layout.textureHeight * layout.layers * TEXEL_BYTES[layout.precision];

const keyOf = (layout: Layout): string =>
  `${layout.textureWidth}x${layout.textureHeight}x${layout.layers} ${layout.precision}`;

/** Counts live and pooled bytes, and keeps released surfaces by their exact size. */
export abstract class SurfacePool implements SurfaceSource {
  private readonly free = new Map<string, Surface[]>();
  private live = 0;
  private pooled = 0;
  private peak = 0;

  get counts(): Pick<Memory, 'live' | 'pooled' | 'peak'> {
    return { live: this.live, pooled: this.pooled, peak: this.peak };
  }

  acquire(layout: Layout): Surface {
    let surface = this.free.get(keyOf(layout))?.pop();
    if (surface) this.pooled -= surface.bytes;
    else surface = this.create(layout);
    this.live += surface.bytes;
    this.peak = Math.max(this.peak, this.live + this.pooled);
    return surface;
  }

  release(layout: Layout, surface: Surface): void {
    const key = keyOf(layout);
    const list = this.free.get(key);
    if (list) list.push(surface);
    else this.free.set(key, [surface]);
    this.live -= surface.bytes;
    this.pooled += surface.bytes;
  }

  /** Frees what no tensor uses. */
  trim(): void {
    for (const list of this.free.values()) for (const surface of list) this.destroy(surface);
    this.free.clear();
    this.pooled = 0;
  }

  protected abstract create(layout: Layout): Surface;
  protected abstract destroy(surface: Surface): void;
}

/** Counts what a run would take, without a device. */
export class CountingPool extends SurfacePool {
  protected override create(layout: Layout): Surface {
    return { texture: {}, framebuffer: {}, bytes: surfaceBytes(layout) };
  }
  protected override destroy(): void {}
}

export class TexturePool extends SurfacePool {
  /** Textures made so far: a steady run makes none. */
  created = 0;

  constructor(
    private readonly device: Device,
    private readonly memoryLimit: number,
  ) {
    super();
  }

  protected override create(layout: Layout): Surface {
    const { textureWidth: width, textureHeight: height, layers } = layout;
    const bytes = surfaceBytes(layout);
    const { live, pooled } = this.counts;
    if (live + pooled + bytes > this.memoryLimit) this.trim();
    if (live + bytes > this.memoryLimit) {
      throw new SizeError(
        `A tensor of shape [${layout.shape.join(', ')}] takes ${bytes} bytes; with ${live} in use that exceeds the limit of ${this.memoryLimit}.`,
      );
    }
    const { gl } = this.device;
    const format = layout.precision === 'f16' ? gl.RGBA16F : gl.RGBA32F;
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
        `${this.device.renderer} cannot render to ${layers} ${layout.precision} layers of ${width} x ${height} (framebuffer status ${status}).`,
      );
    }
    this.created++;
    return { texture, framebuffer, bytes };
  }

  protected override destroy({ texture, framebuffer }: Surface): void {
    this.device.gl.deleteFramebuffer(framebuffer);
    this.device.gl.deleteTexture(texture);
  }
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
