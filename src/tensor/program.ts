/** Programs: compiled once per kernel and set of constants, checked strictly, with errors that show the line in the real file. */
import * as twgl from 'twgl.js';
import vertexShader from '../glsl/screen.vert';
import type { Device } from './device.ts';
import { KernelError, lostContext } from './errors.ts';

/** A shader as the build hands it over: includes expanded, with the origin of its lines. */
export interface ShaderSource {
  readonly file: string;
  readonly source: string;
  /** From expanded line `[0]` (1-based) on, lines come from file `[1]`, starting at its line `[2]`. */
  readonly origins: readonly (readonly [number, string, number])[];
}

/** A fragment shader with the constants it is compiled with. */
export interface Kernel {
  readonly shader: ShaderSource;
  readonly constants?: Readonly<Record<string, number>>;
}

/** A uniform's value; a texture is set by binding it to the unit of its sampler. */
export type UniformValue = number | readonly number[];

export interface Sampler {
  /** Of the texture. */
  readonly unit: number;
  /** Whether it reads a tensor, which is an array of layers; weights and pictures are not. */
  readonly ofTensor: boolean;
}

export class Program {
  /** Each sampler by the name of its tensor, weights or picture: `u_x` for `u_x.texels` too. */
  readonly samplers = new Map<string, Sampler>();
  /** Uniforms that are no samplers; members of a struct as `u_x.shape`. */
  private readonly names: string[] = [];
  private readonly setters: Record<string, (value: UniformValue) => void>;
  private readonly values = new Map<string, UniformValue>();

  constructor(
    gl: WebGL2RenderingContext,
    readonly file: string,
    readonly handle: WebGLProgram,
  ) {
    this.setters = twgl.createUniformSetters(gl, handle);
    gl.useProgram(handle);
    const count: number = gl.getProgramParameter(handle, gl.ACTIVE_UNIFORMS);
    for (let i = 0; i < count; i++) {
      const uniform = gl.getActiveUniform(handle, i);
      if (!uniform) throw lostContext(); // just now: only a context that is there knows its uniforms
      const { name, type } = uniform;
      if (type !== gl.SAMPLER_2D && type !== gl.SAMPLER_2D_ARRAY) {
        this.names.push(name);
        continue;
      }
      const unit = this.samplers.size;
      gl.uniform1i(gl.getUniformLocation(handle, name), unit);
      this.samplers.set(name.split('.')[0], { unit, ofTensor: type === gl.SAMPLER_2D_ARRAY });
    }
  }

  /**
   * Sets uniforms of the program in use, those that changed. A member of a struct that the shader does not use is left out.
   * @throws KernelError on a name the shader lacks or one left out.
   */
  set(uniforms: ReadonlyMap<string, UniformValue>): void {
    for (const [name, value] of uniforms) {
      const setter = this.setters[name];
      if (!setter && name.includes('.')) continue;
      if (!setter) throw new KernelError(`${this.file} has no uniform ${name}; it has ${this.names.join(', ')}.`);
      if (sameValue(this.values.get(name), value)) continue;
      setter(value);
      this.values.set(name, value);
    }
    for (const name of this.names) {
      if (!uniforms.has(name)) throw new KernelError(`${this.file} was drawn without its uniform ${name}.`);
    }
  }
}

function sameValue(a: UniformValue | undefined, b: UniformValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

interface Pending {
  readonly kernel: Kernel;
  readonly handle: WebGLProgram;
  readonly vertex: WebGLShader;
  readonly fragment: WebGLShader;
}

/** The programs of one device. */
export class Programs {
  private readonly ready = new Map<string, Program>();
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly device: Device) {}

  get count(): number {
    return this.ready.size;
  }

  /** The program for a kernel, waiting for its compiler if need be. */
  get(kernel: Kernel): Program {
    const key = kernelKey(kernel);
    let program = this.ready.get(key);
    if (!program) {
      this.start(kernel);
      program = this.finish(this.pending.get(key)!);
      this.pending.delete(key);
      this.ready.set(key, program);
    }
    return program;
  }

  /**
   * Compiles kernels side by side, without blocking the page where the driver can tell when it is done.
   * @param pause between two looks at that, of which it is told the number
   */
  async compile(kernels: Iterable<Kernel>, pause: (polls: number) => Promise<void>): Promise<void> {
    const all = [...kernels];
    for (const kernel of all) this.start(kernel);
    const { gl, parallelCompile } = this.device;
    let polls = 0;
    for (const kernel of all) {
      const job = this.pending.get(kernelKey(kernel));
      while (
        job &&
        parallelCompile &&
        !gl.isContextLost() &&
        !gl.getProgramParameter(job.handle, parallelCompile.COMPLETION_STATUS_KHR)
      )
        await pause(polls++);
      this.get(kernel);
    }
  }

  dispose(): void {
    const { gl } = this.device;
    for (const { handle } of this.ready.values()) gl.deleteProgram(handle);
    for (const { handle, vertex, fragment } of this.pending.values()) {
      gl.deleteProgram(handle);
      gl.deleteShader(vertex);
      gl.deleteShader(fragment);
    }
    this.forget();
  }

  /** Lets go of programs that went with their context: each is compiled again when it is next drawn. */
  forget(): void {
    this.ready.clear();
    this.pending.clear();
  }

  private start(kernel: Kernel): void {
    const key = kernelKey(kernel);
    if (this.ready.has(key) || this.pending.has(key)) return;
    const { gl } = this.device;
    const handle = gl.createProgram()!;
    const vertex = shaderOf(gl, gl.VERTEX_SHADER, sourceOf({ shader: vertexShader }, this.device));
    const fragment = shaderOf(gl, gl.FRAGMENT_SHADER, sourceOf(kernel, this.device));
    gl.attachShader(handle, vertex);
    gl.attachShader(handle, fragment);
    gl.linkProgram(handle);
    this.pending.set(key, { kernel, handle, vertex, fragment });
  }

  private finish({ kernel, handle, vertex, fragment }: Pending): Program {
    const { gl } = this.device;
    if (!gl.getProgramParameter(handle, gl.LINK_STATUS) && !gl.isContextLost()) {
      const log =
        gl.getShaderInfoLog(fragment) ||
        gl.getShaderInfoLog(vertex) ||
        gl.getProgramInfoLog(handle) ||
        'no reason given';
      throw new KernelError(explain(kernel, this.device, log));
    }
    gl.deleteShader(vertex);
    gl.deleteShader(fragment);
    return new Program(gl, kernel.shader.file, handle);
  }
}

export function kernelKey({ shader, constants = {} }: Kernel): string {
  return `${shader.file} ${Object.entries(constants).join(' ')}`;
}

/** Lines before the shader's own text. */
function prefixOf({ constants = {} }: Kernel, { attachments, sampled }: Device): string[] {
  const defines = Object.entries({ BRICK: attachments, ...(sampled && { SAMPLED: 1 }), ...constants });
  return ['#version 300 es', ...defines.map(([name, value]) => `#define ${name} ${value}`)];
}

function sourceOf(kernel: Kernel, device: Device): string {
  return `${[...prefixOf(kernel, device), kernel.shader.source].join('\n')}\n`;
}

function shaderOf(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type)!;
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

/** The compiler's log with every line number turned into the real file's, and that line printed below. */
function explain(kernel: Kernel, device: Device, log: string): string {
  const { file, source, origins } = kernel.shader;
  const lines = source.split('\n');
  const skipped = prefixOf(kernel, device).length;
  const report = log
    .replaceAll('\0', '')
    .trim()
    .split('\n')
    .map((message) => {
      const at = /^(?:ERROR|WARNING): \d+:(\d+): (.*)/.exec(message);
      if (!at) return message;
      const line = Number(at[1]) - skipped;
      const origin = origins.findLast(([first]) => first <= line);
      if (!origin) return message;
      return `${origin[1]}:${origin[2] + line - origin[0]}: ${at[2]}\n    ${lines[line - 1]?.trim() ?? ''}`;
    });
  return `${file} does not compile:\n${report.join('\n')}`;
}
