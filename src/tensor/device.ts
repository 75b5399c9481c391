/** The WebGL2 context, what it can do, and nothing else. */
import { DeviceError } from './errors.ts';

export interface Device {
  readonly gl: WebGL2RenderingContext;
  /** The unmasked renderer where the browser tells it. */
  readonly renderer: string;
  /** Longest side of a texture, in texels. */
  readonly maxTextureSize: number;
  /** KHR_parallel_shader_compile, or null: its constant asks whether a program is done without waiting for it. */
  readonly parallelCompile: KHR_parallel_shader_compile | null;
}

/** What a kernel writes in one draw: one attachment for each pixel of a brick. */
export const ATTACHMENTS = 8;

/** @throws DeviceError when WebGL2, float rendering or eight attachments are missing. */
export function openDevice(target?: HTMLCanvasElement | OffscreenCanvas | WebGL2RenderingContext): Device {
  const gl = target instanceof WebGL2RenderingContext ? target : openContext(target ?? newCanvas());
  if (gl.isContextLost()) throw new DeviceError('The WebGL2 context was lost before the engine could start.');
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  if (!gl.getExtension('EXT_color_buffer_float')) {
    throw new DeviceError(`${renderer} cannot render to float textures (EXT_color_buffer_float is missing).`);
  }
  const attachments = Math.min(gl.getParameter(gl.MAX_DRAW_BUFFERS), gl.getParameter(gl.MAX_COLOR_ATTACHMENTS));
  if (attachments < ATTACHMENTS) {
    throw new DeviceError(`${renderer} writes ${attachments} attachments at once, ${ATTACHMENTS} are needed.`);
  }
  return {
    gl,
    renderer,
    maxTextureSize: gl.getParameter(gl.MAX_TEXTURE_SIZE),
    parallelCompile: gl.getExtension('KHR_parallel_shader_compile'),
  };
}

function newCanvas(): HTMLCanvasElement | OffscreenCanvas {
  return typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1);
}

function openContext(canvas: HTMLCanvasElement | OffscreenCanvas): WebGL2RenderingContext {
  const gl = canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    depth: false,
    stencil: false,
    powerPreference: 'high-performance',
  }) as WebGL2RenderingContext | null;
  if (!gl) throw new DeviceError('This browser offers no WebGL2 context.');
  return gl;
}
