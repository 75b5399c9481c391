/** Draws two pictures on a canvas, one on each side of a column. Knows textures and a view, nothing of pointers or buttons. */
import * as twgl from 'twgl.js';
import { DeviceError } from '../src/index.ts';
import { columnAt, isFit, toClip, type View } from './view.ts';
import fragmentShader from './viewer.frag';
import vertexShader from './viewer.vert';

/** Viewport pixels a picture pixel from which single pixels are to be seen, when one has zoomed in. */
const PIXELS_FROM = 2;

export interface Scene {
  readonly view: View;
  /** How much of the seen picture shows the one before, from 0 to 1. */
  readonly share: number;
}

export class Viewer {
  private readonly gl: WebGL2RenderingContext;
  private program!: twgl.ProgramInfo;
  private textures: WebGLTexture[] = [];
  private pictures: readonly ImageBitmap[] = [];
  private scene: Scene | null = null;
  private frame = 0;

  /** @throws DeviceError when there is no WebGL2. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext('webgl2', { antialias: false, depth: false });
    if (!gl) throw new DeviceError('This browser offers no WebGL2 context.');
    this.gl = gl;
    this.prepare();
    // The browser may take the context away, for example after a laptop slept; pictures are kept to draw them again.
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => {
      this.prepare();
      this.upload();
      this.request();
    });
  }

  get renderer(): string {
    const info = this.gl.getExtension('WEBGL_debug_renderer_info');
    return String(this.gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : this.gl.RENDERER));
  }

  /** Takes over the bitmaps: one picture, or the one before and the one after, which may have another size. */
  show(...pictures: [ImageBitmap] | [ImageBitmap, ImageBitmap]): void {
    for (const old of this.pictures) if (!pictures.includes(old)) old.close();
    this.pictures = pictures;
    this.upload();
    this.request();
  }

  /** Draws with the next frame. */
  draw(scene: Scene): void {
    this.scene = scene;
    this.request();
  }

  /** A copy that this device can show: colours multiplied by alpha, not above the texture size. */
  async prepared(picture: ImageBitmap | ImageData): Promise<ImageBitmap> {
    const limit: number = this.gl.getParameter(this.gl.MAX_TEXTURE_SIZE);
    const { width, height } = picture;
    const scale = Math.min(1, limit / Math.max(width, height));
    if (scale === 1) return createImageBitmap(picture);
    const resize = (side: number): number => Math.max(1, Math.floor(side * scale));
    return createImageBitmap(picture, { resizeWidth: resize(width), resizeHeight: resize(height) });
  }

  private prepare(): void {
    const [vertex, fragment] = [vertexShader, fragmentShader].map(({ source }) => `#version 300 es\n${source}`);
    this.program = twgl.createProgramInfo(this.gl, [vertex, fragment]);
    this.textures = [];
  }

  private upload(): void {
    const { gl } = this;
    for (const texture of this.textures) gl.deleteTexture(texture);
    this.textures = this.pictures.map((src) =>
      twgl.createTexture(gl, {
        src,
        min: gl.LINEAR_MIPMAP_LINEAR,
        mag: gl.LINEAR,
        wrap: gl.CLAMP_TO_EDGE,
      }),
    );
  }

  private request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.frame = 0;
    const { gl, canvas, scene, textures } = this;
    if (!scene || textures.length === 0 || gl.isContextLost()) return;
    const { view, share } = scene;
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
