/** Values to the GPU and back. */
import type { Device } from './device.ts';
import { lostContext, SizeError } from './errors.ts';
import { finished } from './fence.ts';
import { type Layout, pack, unpack } from './layout.ts';
import type { Surface } from './pool.ts';
import { prepareTransfer } from './state.ts';

export function upload({ gl }: Device, layout: Layout, surface: Surface, values: ArrayLike<number>): void {
  const { textureWidth: width, textureHeight: height, layers } = layout;
  prepareTransfer(gl);
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, surface.texture);
  gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, width, height, layers, gl.RGBA, gl.FLOAT, pack(layout, values));
}

/** All layers into one pixel buffer, one fence, then the values: nothing waits on the GPU but this promise. */
export async function download(device: Device, layout: Layout, surface: Surface): Promise<Float32Array> {
  const { textureWidth: width, textureHeight: height, layers } = layout;
  const packed = new Float32Array(width * height * layers * 4);
  await readPixels(device, surface.framebuffer, layers, width, height, device.gl.FLOAT, packed);
  return unpack(layout, packed);
}

/**
 * Reads the first `layers` attachments of a framebuffer, one after the other, as RGBA.
 * @throws SizeError when the device has no memory for the pixel buffer, DeviceError when the context is lost.
 */
export async function readPixels(
  device: Device,
  framebuffer: WebGLFramebuffer,
  layers: number,
  width: number,
  height: number,
  type: number,
  into: Float32Array | Uint8ClampedArray,
): Promise<void> {
  const { gl, renderer } = device;
  const buffer = gl.createBuffer();
  try {
    prepareTransfer(gl);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, into.byteLength, gl.STREAM_READ);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    for (let layer = 0; layer < layers; layer++) {
      gl.readBuffer(gl.COLOR_ATTACHMENT0 + layer);
      gl.readPixels(0, 0, width, height, gl.RGBA, type, (layer * into.byteLength) / layers);
    }
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    await finished(device);
    // Not before, since to ask for errors waits for all that was issued.
    if (ranOutOfMemory(gl)) throw new SizeError(`${renderer} has no memory to read ${into.byteLength} bytes back.`);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, into);
    if (gl.isContextLost()) throw lostContext(); // what was read may be nothing
  } finally {
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.deleteBuffer(buffer);
  }
}

function ranOutOfMemory(gl: WebGL2RenderingContext): boolean {
  let found = false;
  for (let error = gl.getError(); error !== gl.NO_ERROR && !gl.isContextLost(); error = gl.getError())
    found ||= error === gl.OUT_OF_MEMORY;
  return found;
}
