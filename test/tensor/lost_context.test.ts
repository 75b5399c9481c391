/** An engine whose device is gone says so at once: a promise that never settles would leave a page waiting for good. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { convWeights } from '../../src/ops/conv2d.ts';
import { silu } from '../../src/ops/elementwise.ts';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';
import { DeviceError } from '../../src/tensor/errors.ts';
import type { Shape } from '../../src/tensor/layout.ts';
import type { Kernel } from '../../src/tensor/program.ts';
import { LosableContext, newContext } from '../support/context.ts';
import { rejectsWith } from '../support/rejection.ts';

const test = suite('lost context');

const SHAPE: Shape = [1, 5, 7, 9];
const values = new Float32Array(5 * 7 * 9);

const isDeviceError = (pattern: RegExp) => (error: Error) =>
  error instanceof DeviceError && pattern.test(error.message);

function lose({ gl }: Engine): void {
  gl.getExtension('WEBGL_lose_context')!.loseContext();
}

const rejects = (promise: Promise<unknown>, pattern: RegExp): Promise<void> =>
  rejectsWith(promise, DeviceError, pattern);

test('work under way is rejected', async () => {
  const engine = await createEngine();
  const x = engine.tensor(values, SHAPE);
  const y = silu(engine, x);
  const picture = engine.picture(3, 3);
  const work = [y.read(), engine.finished(), engine.readPicture(picture)];
  lose(engine);
  await Promise.all(work.map((promise) => rejects(promise, /context was lost/)));
});

test('what comes after is an error', async () => {
  const engine = await createEngine();
  const x = engine.tensor(values, SHAPE);
  lose(engine);
  await rejects(x.read(), /context was lost/);
  await rejects(engine.finished(), /context was lost/);
  await rejects(engine.settle(), /context was lost/);
  const lost = isDeviceError(/context was lost/);
  assert.throws(() => silu(engine, x), lost);
  assert.throws(() => engine.allocate(SHAPE), lost);
  assert.throws(() => engine.tensor(values, SHAPE), lost);
  assert.throws(() => engine.weights(new Float32Array(4), 1, 1), lost);
  assert.throws(() => engine.picture(1, 1), lost);
  assert.throws(() => convWeights(engine, { weight: [1], shape: [1, 1, 1, 1] }), lost);
  x.dispose();
  engine.dispose();
  assert.is(engine.memory.live, 0);
});

test('given back, it works as a new one; what was lost says so and counts no more', async () => {
  const engine = await createEngine();
  const context = new LosableContext(engine);
  const x = engine.tensor(
    values.map((_, i) => i),
    SHAPE,
  );
  const gone = [x, silu(engine, x), engine.weights(new Float32Array(4), 1, 1), engine.picture(1, 1)];
  using expected = silu(engine, x);
  const before = await expected.read();
  await context.loseAndWait();
  const { live, pooled, fixed } = engine.memory;
  assert.equal([live, pooled, fixed], [0, 0, 0]);
  await context.giveBack();
  const lost = isDeviceError(/(tensor|Weights|picture) of .* (was|were) lost with the WebGL2 context/);
  await rejects(x.read(), /lost with the WebGL2 context/);
  assert.throws(() => silu(engine, x), lost);
  for (const thing of gone) assert.throws(() => ('texture' in thing ? thing.texture : thing.storage), lost);
  assert.is(engine.memory.live, 0, 'the result of an operation that failed');

  using again = engine.tensor(
    values.map((_, i) => i),
    SHAPE,
  );
  using result = silu(engine, again);
  assert.equal(await result.read(), before);
  const { memory } = engine;
  for (const thing of gone) thing.dispose();
  assert.equal(engine.memory, memory, 'to dispose what was lost changes nothing');
  assert.is(engine.gl.getError(), engine.gl.NO_ERROR);
  engine.dispose();
});

test('work that was under way rejects also where the context is back before it is looked for', async () => {
  const engine = await createEngine();
  const context = new LosableContext(engine);
  const work = [engine.tensor(values, SHAPE).read(), engine.readPicture(engine.picture(3, 3))];
  const outcomes = Promise.allSettled(work);
  await context.loseAndWait();
  await context.giveBack();
  for (const outcome of await outcomes) {
    assert.is(outcome.status, 'rejected');
    assert.ok(isDeviceError(/context was lost/)((outcome as PromiseRejectedResult).reason));
  }
  engine.dispose();
});

test('given back on a device that can do less, it cannot be used until a better one comes', async () => {
  const engine = await createEngine();
  const context = new LosableContext(engine);
  const { gl } = engine;
  const { getParameter } = gl;
  const lesser: typeof getParameter = (name) => (name === gl.MAX_DRAW_BUFFERS ? 1 : getParameter.call(gl, name));
  await context.loseAndWait();
  gl.getParameter = lesser;
  await context.giveBack();
  gl.getParameter = getParameter;
  const sentence = /came back on .*, which writes 1 attachments at once, where [48] were in use/;
  assert.throws(() => engine.allocate(SHAPE), isDeviceError(sentence));
  const next = new LosableContext(engine);
  await next.loseAndWait();
  assert.throws(() => engine.allocate(SHAPE), isDeviceError(/context was lost/));
  await next.giveBack();
  engine.allocate(SHAPE).dispose();
  engine.dispose();
});

test('given back on a device with smaller textures, it goes on with these', async () => {
  const engine = await createEngine();
  const context = new LosableContext(engine);
  const { gl } = engine;
  const { getParameter } = gl;
  await context.loseAndWait();
  gl.getParameter = (name) => (name === gl.MAX_TEXTURE_SIZE ? 2048 : getParameter.call(gl, name));
  await context.giveBack();
  gl.getParameter = getParameter;
  assert.is(engine.format.maxTextureSize, 2048);
  engine.allocate(SHAPE).dispose();
  engine.dispose();
});

test('an engine asks for its context until it is disposed', async () => {
  const canvases = [document.createElement('canvas'), new OffscreenCanvas(1, 1)];
  // Not every browser has WebGL2 on the second.
  for (const canvas of canvases.filter((one) => one.getContext('webgl2'))) {
    const engine = await createEngine(canvas);
    const asks = () => !canvas.dispatchEvent(new Event('webglcontextlost', { cancelable: true }));
    assert.ok(asks());
    engine.dispose();
    assert.not(asks());
    lose(engine);
  }
});

test('no engine opens on a lost context', async () => {
  const engine = await createEngine();
  lose(engine);
  await rejects(createEngine(engine.gl), /lost before the engine could start/);
});

test('a disposed engine is an error, and takes back what others still hold', async () => {
  const engine = await createEngine(newContext());
  const x = engine.tensor(values, SHAPE);
  const weights = engine.weights(new Float32Array(4), 1, 1);
  const { texture } = x.storage;
  engine.dispose();
  engine.dispose();
  const disposed = isDeviceError(/engine was disposed/);
  assert.throws(() => engine.allocate(SHAPE), disposed);
  assert.throws(() => engine.tensor(values, SHAPE), disposed);
  assert.throws(() => engine.weights(new Float32Array(4), 1, 1), disposed);
  assert.throws(() => engine.picture(1, 1), disposed);
  assert.throws(() => silu(engine, x), disposed);
  await rejects(x.read(), /engine was disposed/);
  await rejects(engine.finished(), /engine was disposed/);
  assert.ok(engine.gl.isTexture(texture));
  x.dispose();
  weights.dispose();
  assert.not(engine.gl.isTexture(texture), 'the texture is still there');
  assert.equal([engine.memory.live, engine.memory.pooled, engine.memory.fixed], [0, 0, 0]);
  lose(engine);
});

/** Kernels of an engine whose driver is never done compiling them. */
function slowKernels({ gl }: Engine): Kernel[] {
  const extension = gl.getExtension('KHR_parallel_shader_compile')!;
  const { getProgramParameter } = gl;
  gl.getProgramParameter = (program, name) =>
    name !== extension.COMPLETION_STATUS_KHR && getProgramParameter.call(gl, program, name);
  const file = 'slow.frag';
  const source = 'precision highp float;\nlayout(location = 0) out vec4 out0;\nvoid main() { out0 = vec4(N); }';
  const origins = [[1, file, 1]] as const;
  return [1, 2].map((N) => ({ shader: { file, source, origins }, constants: { N } }));
}

// Where a browser does not tell when it is done, the page waits for the first kernel.
const tellsWhenDone = ({ gl }: Engine): boolean => gl.getExtension('KHR_parallel_shader_compile') !== null;

test('to dispose an engine ends its compiling', async () => {
  const engine = await createEngine();
  if (!tellsWhenDone(engine)) return engine.dispose();
  const compiled = engine.compile(slowKernels(engine));
  engine.dispose();
  await rejects(compiled, /engine was disposed/);
});

test('an abort ends the compiling, with its reason', async () => {
  const engine = await createEngine();
  if (!tellsWhenDone(engine)) return engine.dispose();
  const controller = new AbortController();
  const compiled = engine.compile(slowKernels(engine), controller.signal);
  controller.abort(new RangeError('enough'));
  await rejectsWith(compiled, RangeError, /^enough$/);
  engine.dispose();
});

test.run();
