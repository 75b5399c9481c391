/** The one place that draws. */
import type { Device } from './device.ts';
import { KernelError } from './errors.ts';
import type { Layout } from './layout.ts';
import { Picture } from './picture.ts';
import type { Kernel, Program, Programs, UniformValue } from './program.ts';
import { prepareDraw } from './state.ts';
import { Tensor } from './tensor.ts';
import { Weights } from './weights.ts';

/**
 * What a kernel reads, by name. A tensor or weights `x` set the struct `u_x` of lib/brick.glsl; a picture the sampler `u_x`; numbers a
 * uniform.
 */
export type Inputs = Readonly<Record<string, Tensor | Weights | Picture | UniformValue>>;

/** Texel fetches after which a draw is split, so that none runs for seconds: about 0.2 s on a software driver with two cores. */
const FETCHES_PER_DRAW = 32e6;

/** Runs a kernel over every brick of `out`; `fetches` is about what one fragment fetches. Returns the fetches issued. */
export function drawTensor(
  device: Device,
  programs: Programs,
  kernel: Kernel,
  out: Tensor,
  inputs: Inputs,
  fetches: number,
): number {
  const { gl } = device;
  const program = programs.get(kernel);
  const { framebuffer } = out.storage;
  const { layout, quads } = out;
  const groups = Math.ceil(quads / layout.brick.quads);
  begin(gl, program, framebuffer, inputs, out);
  let issued = 0;
  for (let n = 0; n < out.shape[0]; n++) {
    const first = firstGroup(out, n);
    const uniforms = uniformsOf(inputs, n);
    uniforms.set('u_out_shape', shapeOf(out, n));
    uniforms.set('u_out_groups', groups);
    program.set(uniforms);
    issued += drawRectangle(gl, rectangleOf(layout, first, groups), fetches);
  }
  return issued;
}

/** Runs a kernel over every pixel of a picture. */
export function drawPicture(device: Device, programs: Programs, kernel: Kernel, out: Picture, inputs: Inputs): void {
  const program = programs.get(kernel);
  begin(device.gl, program, out.framebuffer, inputs, null);
  program.set(uniformsOf(inputs, 0));
  drawRectangle(device.gl, { x: 0, y: 0, width: out.width, height: out.height }, 1);
}

function begin(
  gl: WebGL2RenderingContext,
  program: Program,
  framebuffer: WebGLFramebuffer,
  inputs: Inputs,
  out: Tensor | null,
): void {
  prepareDraw(gl);
  gl.useProgram(program.handle);
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  for (const [name, { unit, ofTensor }] of program.samplers) {
    const input = inputs[name.slice(2)];
    if (!isTexture(input)) throw new KernelError(`${program.file} was drawn without a texture for ${name}.`);
    if (input instanceof Tensor !== ofTensor)
      throw new KernelError(`${program.file} reads ${ofTensor ? 'a tensor' : 'weights or a picture'} as ${name}.`);
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindSampler(unit, null);
    if (input instanceof Tensor) {
      if (out && input.storage === out.storage)
        throw new KernelError(`${program.file} would read ${name} while writing to it.`);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, input.storage.texture);
    } else {
      gl.bindTexture(gl.TEXTURE_2D, input.texture);
    }
  }
  for (const [name, input] of Object.entries(inputs)) {
    if (isTexture(input) && !program.samplers.has(`u_${name}`))
      throw new KernelError(
        `${program.file} has no sampler u_${name}; it has ${[...program.samplers.keys()].join(', ')}.`,
      );
  }
}

function isTexture(input: Inputs[string]): input is Tensor | Weights | Picture {
  return input instanceof Tensor || input instanceof Weights || input instanceof Picture;
}

function uniformsOf(inputs: Inputs, n: number): Map<string, UniformValue> {
  const uniforms = new Map<string, UniformValue>();
  for (const [name, input] of Object.entries(inputs)) {
    if (isTexture(input)) setMembers(uniforms, `u_${name}`, input, n);
    else uniforms.set(`u_${name}`, input);
  }
  return uniforms;
}

/** Members of a struct Tensor or Weights, but for its sampler. */
function setMembers(
  uniforms: Map<string, UniformValue>,
  name: string,
  input: Tensor | Weights | Picture,
  n: number,
): void {
  if (input instanceof Picture) return;
  if (input instanceof Weights) {
    uniforms.set(`${name}.scale`, [1 / input.width, 1 / input.textureHeight]);
  } else {
    const { width, height } = input.storage;
    uniforms.set(`${name}.scale`, [1 / width, 1 / height]);
    uniforms.set(`${name}.shape`, shapeOf(input, n));
  }
}

function shapeOf(tensor: Tensor, n: number): number[] {
  const { shape, layout } = tensor;
  return [shape[3], shape[2], layout.columns, firstGroup(tensor, n)];
}

function firstGroup({ layout, firstQuad }: Tensor, n: number): number {
  return n * layout.groupsPerImage + firstQuad / layout.brick.quads;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The part of the atlas that holds some groups; where it holds others too, their fragments are discarded. */
function rectangleOf({ columns, bricksPerRow, textureWidth, shape }: Layout, first: number, count: number): Rectangle {
  const height = shape[2];
  const topRow = Math.floor(first / columns);
  const bottomRow = Math.ceil((first + count) / columns);
  const oneRow = bottomRow - topRow === 1;
  return {
    x: oneRow ? (first % columns) * bricksPerRow : 0,
    y: topRow * height,
    width: oneRow ? count * bricksPerRow : textureWidth,
    height: (bottomRow - topRow) * height,
  };
}

/** Draws a rectangle in as many bands as keep each draw short. Returns the fetches issued. */
function drawRectangle(gl: WebGL2RenderingContext, { x, y, width, height }: Rectangle, fetches: number): number {
  const rows = Math.max(1, Math.floor(FETCHES_PER_DRAW / (fetches * width)));
  for (let top = 0; top < height; top += rows) {
    gl.viewport(x, y + top, width, Math.min(rows, height - top));
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    if (height > rows) gl.flush();
  }
  return fetches * width * height;
}
