import * as assert from 'uvu/assert';
import { silu } from '../../src/ops/elementwise.ts';
import type { Engine, EngineOptions } from '../../src/tensor/engine.ts';
import type { Recorder } from '../../src/tensor/recorder.ts';
import { Rehearsal } from '../../src/tensor/rehearsal.ts';
import { sharedEngine } from './engine.ts';

/** Checks an engine against its options: what it says of itself, and what it does with its context for one operation. */
export async function assertOptions(engine: Engine, options: EngineOptions): Promise<void> {
  const { gl, format } = engine;
  const usual = (await sharedEngine()).format;
  const { attachments = usual.attachments, precision = 'f32', maxTextureSize = usual.maxTextureSize } = options;
  assert.equal(format, { attachments, precision, maxTextureSize });

  const operation = (on: Recorder): void => {
    using x = on.allocate([1, 4, 8, 16]);
    silu(on, x).dispose();
  };
  const rehearsal = new Rehearsal(format);
  operation(rehearsal);
  const { shaderSource, getProgramParameter, texStorage3D, drawBuffers } = gl;
  const seen = { texts: [] as string[], questions: [] as number[], formats: [] as number[], written: [] as number[] };
  gl.shaderSource = (shader, text) => {
    seen.texts.push(text);
    shaderSource.call(gl, shader, text);
  };
  gl.getProgramParameter = (program, name) => {
    seen.questions.push(name);
    return getProgramParameter.call(gl, program, name);
  };
  gl.texStorage3D = (...all) => {
    seen.formats.push(all[2]);
    texStorage3D.apply(gl, all);
  };
  gl.drawBuffers = (buffers) => {
    seen.written.push([...buffers].length);
    drawBuffers.call(gl, buffers);
  };
  try {
    await engine.compile(rehearsal.kernels.values());
    operation(engine);
  } finally {
    Object.assign(gl, { shaderSource, getProgramParameter, texStorage3D, drawBuffers });
  }
  const stored = precision === 'f16' ? gl.RGBA16F : gl.RGBA32F;
  assert.equal(new Set(seen.formats), new Set([stored]));
  assert.equal(new Set(seen.written), new Set([attachments]));
  assert.ok(seen.texts.length > 0 && seen.texts.every((text) => text.includes(`#define BRICK ${attachments}\n`)));
  if (options.fetch) assert.is(seen.texts[0].includes('#define SAMPLED'), options.fetch === 'sample');
  const parallel = gl.getExtension('KHR_parallel_shader_compile');
  if (parallel) assert.is(seen.questions.includes(parallel.COMPLETION_STATUS_KHR), options.parallelCompile !== false);
}
