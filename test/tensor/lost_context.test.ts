/** An engine whose device is gone says so at once: a promise that never settles would leave a page waiting for good. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { convWeights } from '../../src/ops/conv2d.ts';
import { silu } from '../../src/ops/elementwise.ts';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';
import { DeviceError } from '../../src/tensor/errors.ts';
import type { Shape } from '../../src/tensor/layout.ts';

const test = suite('lost context');

const SHAPE: Shape = [1, 5, 7, 9];
const values = new Float32Array(5 * 7 * 9);

const isDeviceError = (pattern: RegExp) => (error: Error) =>
  error instanceof DeviceError && pattern.test(error.message);

function lose({ gl }: Engine): void {
  gl.getExtension('WEBGL_lose_context')!.loseContext();
}

async function rejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => new Error('it was fulfilled'),
    (reason) => reason,
  );
  assert.ok(isDeviceError(pattern)(error), String(error));
}

test('work under way is rejected', async () => {
  const engine = await createEngine();
  const x = engine.tensor(values, SHAPE);
  const y = silu(engine, x);
  const picture = engine.picture(3, 3);
  const work = [y.read(), engine.finished(), engine.readPicture(picture)];
  lose(engine);
  for (const promise of work) await rejects(promise, /context was lost/);
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

test('no engine opens on a lost context', async () => {
  const engine = await createEngine();
  lose(engine);
  await rejects(createEngine(engine.gl), /lost before the engine could start/);
});

test('a disposed engine is an error, and takes back what others still hold', async () => {
  const engine = await createEngine();
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

test('to dispose an engine ends its compiling', async () => {
  const engine = await createEngine();
  const file = 'slow.frag';
  const source = 'precision highp float;\nlayout(location = 0) out vec4 out0;\nvoid main() { out0 = vec4(N); }';
  const kernels = Array.from({ length: 20 }, (_, i) => ({
    shader: { file, source, origins: [[1, file, 1]] as const },
    constants: { N: i },
  }));
  const compiled = engine.compile(kernels);
  engine.dispose();
  const outcome = await compiled.then(
    () => 'done',
    (error) => error,
  );
  assert.ok(outcome === 'done' || isDeviceError(/engine was disposed/)(outcome), String(outcome));
  lose(engine);
});

test.run();
