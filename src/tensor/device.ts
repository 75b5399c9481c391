/** The WebGL2 context, what it can do, and nothing else. */
import { DeviceError, InputError } from './errors.ts';
import { Lifetime } from './lifetime.ts';
import { inSoftware } from './software.ts';

export interface Device {
  readonly gl: WebGL2RenderingContext;
  /** Whether the context was opened here and is nobody else's. */
  readonly owned: boolean;
  /** The unmasked renderer where the browser tells it. */
  renderer: string;
  /** Attachments that a kernel writes in one draw: the pixels of a brick. */
  readonly attachments: Attachments;
  /** Longest side of a texture, in texels. */
  maxTextureSize: number;
  /** How kernels read texels where that was asked for. */
  readonly fetch?: DeviceOptions['fetch'];
  /** Whether kernels read texels through a sampler instead of texelFetch. */
  sampled: boolean;
  /** KHR_parallel_shader_compile, or null: its constant asks whether a program is done without waiting for it. */
  parallelCompile: KHR_parallel_shader_compile | null;
  /** Given to everything that is made now; replaced when the context is lost. */
  lifetime: Lifetime;
}

/** Attachments a kernel may write at once. */
export type Attachments = 8 | 4 | 1;
const CHOICES: readonly Attachments[] = [8, 4, 1];

function isSampled(renderer: string, asked: DeviceOptions['fetch']): boolean {
  return asked ? asked === 'sample' : inSoftware(renderer);
}

/** For tests, and for devices that promise more than they keep. */
export interface DeviceOptions {
  /** As many attachments as the device has, up to 8, unless told. */
  readonly attachments?: Attachments;
  /** Longest side of a texture; at least 2048, which every device offers. */
  readonly maxTextureSize?: number;
  /** How kernels read texels: 'sample' on renderers in software, which are slow at 'texel', texelFetch, unless told. */
  readonly fetch?: 'texel' | 'sample';
  /** Whether to use KHR_parallel_shader_compile where it is there; true unless told. */
  readonly parallelCompile?: boolean;
}

/** @throws DeviceError when WebGL2 or float rendering is missing, InputError on options that are none or beyond the device. */
export function openDevice(
  target?: HTMLCanvasElement | OffscreenCanvas | WebGL2RenderingContext,
  options?: DeviceOptions,
): Device {
  // Browsers without WebGL2 in workers do not even know the name there.
  if (typeof WebGL2RenderingContext === 'undefined') throw noContext();
  const gl = contextOf(target);
  if (!gl) throw target ? noContextOf(target as HTMLCanvasElement | OffscreenCanvas) : noContext();
  const owned = target === undefined;
  try {
    return deviceOn(gl, owned, options);
  } catch (error) {
    closeDevice({ gl, owned });
    throw error;
  }
}

/**
 * Gives back a context that was opened here: a browser has some sixteen, and takes the oldest away, whoever uses it, when one more is asked for.
 */
export function closeDevice({ gl, owned }: Pick<Device, 'gl' | 'owned'>): void {
  if (owned) gl.getExtension('WEBGL_lose_context')?.loseContext();
}

function deviceOn(
  gl: WebGL2RenderingContext,
  owned: boolean,
  { attachments, maxTextureSize, fetch, parallelCompile = true }: DeviceOptions = {},
): Device {
  if (gl.isContextLost()) throw new DeviceError('The WebGL2 context was lost before the engine could start.');
  const { renderer, most, largest } = probe(gl);
  if (attachments !== undefined && !CHOICES.includes(attachments))
    throw new InputError(`attachments is 8, 4 or 1, not ${attachments}.`);
  if (attachments !== undefined && attachments > most)
    throw new InputError(`${renderer} writes ${most} float32 attachments at once, not ${attachments}.`);
  if (fetch !== undefined && fetch !== 'texel' && fetch !== 'sample')
    throw new InputError(`fetch is 'texel' or 'sample', not '${fetch}'.`);
  const size = maxTextureSize ?? largest;
  if (!(Number.isInteger(size) && size >= MIN_TEXTURE_SIZE && size <= largest)) {
    throw new InputError(
      `maxTextureSize is a whole number from ${MIN_TEXTURE_SIZE} to this device's ${largest}, not ${size}.`,
    );
  }
  return {
    gl,
    owned,
    renderer,
    attachments: attachments ?? most,
    fetch,
    sampled: isSampled(renderer, fetch),
    maxTextureSize: size,
    parallelCompile: parallelCompile ? gl.getExtension('KHR_parallel_shader_compile') : null,
    lifetime: new Lifetime(),
  };
}

/**
 * Prepares a context that has come back, which may be on another device: a browser whose GPU failed goes on in software. Its textures may
 * have to be smaller, as nothing is left of those that were there.
 * @throws DeviceError when that device writes fewer attachments, which is what the kernels and weights in use are made for.
 */
export function reopenDevice(device: Device): void {
  const { gl, attachments } = device;
  const { renderer, most, largest } = probe(gl);
  device.renderer = renderer;
  device.sampled = isSampled(renderer, device.fetch);
  if (most < attachments) {
    throw new DeviceError(
      `The WebGL2 context came back on ${renderer}, which writes ${most} attachments at once, where ${attachments} were in use.`,
    );
  }
  device.maxTextureSize = Math.min(device.maxTextureSize, largest);
  if (device.parallelCompile) device.parallelCompile = gl.getExtension('KHR_parallel_shader_compile');
}

/** Turns on what is needed and finds out what there is. @throws DeviceError when it is not enough. */
function probe(gl: WebGL2RenderingContext): { renderer: string; most: Attachments; largest: number } {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  if (!gl.getExtension('EXT_color_buffer_float')) {
    throw new DeviceError(`${renderer} cannot render to float textures (EXT_color_buffer_float is missing).`);
  }
  const most = CHOICES.find((count) => canRender(gl, count));
  if (!most)
    throw new DeviceError(`${renderer} offers EXT_color_buffer_float, but cannot render to a float32 texture.`);
  return { renderer, most, largest: gl.getParameter(gl.MAX_TEXTURE_SIZE) };
}

/** What every WebGL2 device offers. */
const MIN_TEXTURE_SIZE = 2048;

/** Whether a framebuffer with so many float32 attachments is complete: some devices cap the bits of all together. */
function canRender(gl: WebGL2RenderingContext, attachments: number): boolean {
  if (attachments > Math.min(gl.getParameter(gl.MAX_DRAW_BUFFERS), gl.getParameter(gl.MAX_COLOR_ATTACHMENTS)))
    return false;
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA32F, 1, 1, attachments);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  for (let i = 0; i < attachments; i++)
    gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, texture, 0, i);
  const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
  gl.deleteFramebuffer(framebuffer);
  gl.deleteTexture(texture);
  return complete;
}

function contextOf(
  target?: HTMLCanvasElement | OffscreenCanvas | WebGL2RenderingContext,
): WebGL2RenderingContext | null {
  if (target) return target instanceof WebGL2RenderingContext ? target : openContext(target);
  // Offscreen canvases have no WebGL2 in some browsers, Safari 16 among them, where one of the document has it.
  const offscreen = typeof OffscreenCanvas === 'undefined' ? null : openContext(new OffscreenCanvas(1, 1));
  return offscreen ?? (typeof document === 'undefined' ? null : openContext(document.createElement('canvas')));
}

function openContext(canvas: HTMLCanvasElement | OffscreenCanvas): WebGL2RenderingContext | null {
  return canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    depth: false,
    stencil: false,
    powerPreference: 'high-performance',
  }) as WebGL2RenderingContext | null;
}

/** A canvas that has a context of one kind never has one of another. */
function noContextOf(canvas: HTMLCanvasElement | OffscreenCanvas): DeviceError {
  return new DeviceError(
    `The canvas of ${canvas.width} x ${canvas.height} gives no WebGL2 context: it has one of another kind, or this browser offers none.`,
  );
}

function noContext(): DeviceError {
  const where = typeof document === 'undefined' ? ' in a worker' : '';
  return new DeviceError(`This browser offers no WebGL2 context${where}.`);
}
