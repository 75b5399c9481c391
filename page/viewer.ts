/** Draws two pictures on a canvas, one on each side of a column. Knows textures and a view, nothing of the page. */
import * as twgl from 'twgl.js';
import { DeviceError, SizeError } from '../src/index.ts';
import { columnAt, isFit, toClip } from './view.ts';
import fragmentShader from './viewer.frag';
import vertexShader from './viewer.vert';
import type { Scene } from './viewer_messages.ts';

/** Viewport pixels a picture pixel from which single pixels are to be seen, when one has zoomed in. */
const PIXELS_FROM = 2;

interface Picture {
  readonly bitmap: ImageBitmap;
  readonly texture: WebGLTexture;
}

export class Viewer {
  private readonly gl: WebGL2RenderingContext;
  /** Asked once: a context that is lost answers nothing. */
  private readonly mostPixels: number;
  private program!: twgl.ProgramInfo;
  private readonly pictures = new Map<number, Picture>();
  private scene: Scene | null = null;
  private frame = 0;

  /** @throws DeviceError when there is no WebGL2. */
  constructor(canvas: OffscreenCanvas | undefined) {
    const gl = canvas?.getContext('webgl2', { antialias: false, depth: false });
    if (!gl) throw new DeviceError('This browser offers no WebGL2 context in a worker.');
    this.gl = gl;
    this.mostPixels = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    this.prepare();
    // The browser may take the context away, for example after a laptop slept; bitmaps are kept to draw them again.
    canvas!.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas!.addEventListener('webglcontextrestored', () => {
      this.prepare();
      for (const [number, { bitmap }] of this.pictures) this.upload(number, bitmap);
      this.request();
    });
  }

  get renderer(): string {
    const info = this.gl.getExtension('WEBGL_debug_renderer_info');
    return String(this.gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : this.gl.RENDERER));
  }

  /** Uploads a copy of a picture; it is seen when a scene has its number. @throws SizeError when the device has no memory for it. */
  async add(number: number, picture: ImageBitmap): Promise<void> {
    const { gl } = this;
    const bitmap = await this.prepared(picture);
    while (gl.getError() !== gl.NO_ERROR && !gl.isContextLost()); // an older error must not be taken for this one
    this.upload(number, bitmap);
    if (gl.getError() !== gl.OUT_OF_MEMORY) return;
    this.remove(number);
    throw new SizeError(
      `This device does not have enough memory to show a picture of ${picture.width} x ${picture.height}.`,
    );
  }

  /** Draws with the next frame. Pictures of the scene before that are not in this one are gone. */
  draw(scene: Scene): void {
    for (const number of this.scene?.pictures ?? []) if (!scene.pictures.includes(number)) this.remove(number);
    this.scene = scene;
    this.request();
  }

  /** A copy that this device can show: colours multiplied by alpha, not above the texture size. */
  private prepared(picture: ImageBitmap): Promise<ImageBitmap> {
    const { width, height } = picture;
    const scale = Math.min(1, this.mostPixels / Math.max(width, height));
    if (scale === 1) return createImageBitmap(picture);
    const resize = (side: number): number => Math.max(1, Math.floor(side * scale));
    return createImageBitmap(picture, { resizeWidth: resize(width), resizeHeight: resize(height) });
  }

  private prepare(): void {
    const [vertex, fragment] = [vertexShader, fragmentShader].map(({ source }) => `#version 300 es\n${source}`);
    this.program = twgl.createProgramInfo(this.gl, [vertex, fragment]);
  }

  private upload(number: number, bitmap: ImageBitmap): void {
    const { gl } = this;
    const texture = twgl.createTexture(gl, {
      src: bitmap,
      min: gl.LINEAR_MIPMAP_LINEAR,
      mag: gl.LINEAR,
      wrap: gl.CLAMP_TO_EDGE,
    });
    this.pictures.set(number, { bitmap, texture });
  }

  private remove(number: number): void {
    const { bitmap, texture } = this.pictures.get(number)!;
    bitmap.close();
    this.gl.deleteTexture(texture);
    this.pictures.delete(number);
  }

  private request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.frame = 0;
    const { gl, scene } = this;
    if (!scene || gl.isContextLost()) return;
    const { canvas } = gl;
    const { view, share } = scene;
    const textures = scene.pictures.map((number) => this.pictures.get(number)!.texture);
    const [width, height] = view.viewport;
    // Setting them clears the canvas, so only on a change; in the same frame as the drawing, so that nothing flickers.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(this.program.program);
    twgl.setUniforms(this.program, {
      u_to_clip: toClip(view),
      u_size: view.picture,
      u_before: textures[0],
      u_after: textures.at(-1),
      u_column: textures.length === 1 ? width : columnAt(view, share),
      u_pixels: view.zoom >= PIXELS_FROM && !isFit(view),
    });
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}
