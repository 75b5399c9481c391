/** Bytes and objects on the GPU: nobody else frees them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add } from '../../src/ops/elementwise.ts';
import { globalMean } from '../../src/ops/global_mean.ts';
import { transpose } from '../../src/ops/rearrange.ts';
import { openDevice } from '../../src/tensor/device.ts';
import { Engine, Rehearsal } from '../../src/tensor/engine.ts';
import { InputError, SizeError } from '../../src/tensor/errors.ts';
import { normal } from '../reference/array.ts';
import { leakFree, operate, sharedEngine, upload } from '../support/engine.ts';
import { MIX } from '../support/operations.ts';

const test = suite('memory');

/** A tensor of 8 channels in 64 x 64 pixels takes 2 quads x 4096 pixels x 16 bytes. */
const BYTES = 2 * 4096 * 16;

test('bytes in use, kept, and most at once', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const a = engine.allocate([1, 8, 64, 64]);
  assert.equal(engine.memory, { live: BYTES, pooled: 0, peak: BYTES, fixed: 0 });
  const b = engine.allocate([1, 6, 64, 64]);
  a.dispose();
  assert.equal(engine.memory, { live: BYTES, pooled: BYTES, peak: 2 * BYTES, fixed: 0 });
  // Another shape of the same texture.
  const c = engine.allocate([2, 3, 64, 58]);
  assert.equal(engine.memory, { live: 2 * BYTES, pooled: 0, peak: 2 * BYTES, fixed: 0 });
  assert.is(engine.created.textures, 2);
  for (const tensor of [b, c]) tensor.dispose();
  engine.trim();
  assert.equal(engine.memory, { live: 0, pooled: 0, peak: 2 * BYTES, fixed: 0 });
  engine.dispose();
});

test('weights and pictures count until they are disposed', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const weights = engine.weights(new Float32Array(24), 3, 2);
  const picture = engine.picture(5, 7);
  assert.is(weights.bytes, 96);
  assert.is(engine.memory.fixed, 96 + 140);
  for (const disposable of [weights, weights, picture, picture]) disposable.dispose();
  assert.is(engine.memory.fixed, 0);
  assert.throws(() => weights.texture, /Weights of 3 x 2 texels were used after they were disposed/);
  assert.throws(() => picture.texture, /A picture of 5 x 7 pixels was used after it was disposed/);
  assert.throws(() => picture.framebuffer, /used after it was disposed/);
  engine.dispose();
});

test('a hundred runs end where the first did, and make no texture and no program', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const once = async () => {
    for (const { inputs, run } of MIX) await operate(inputs, run, engine);
  };
  await once();
  const { memory, created } = engine;
  assert.is(memory.live, 0);
  assert.ok(memory.pooled > 0 && created.textures > 0 && created.programs > 0);
  for (let i = 0; i < 100; i++) await once();
  assert.equal(engine.memory, memory);
  assert.equal(engine.created, created);
  engine.dispose();
});

test('disposing twice is disposing once', async () => {
  const engine = await sharedEngine();
  await leakFree(engine, () => {
    const tensor = engine.allocate([1, 8, 64, 64]);
    const { bytes } = tensor.storage;
    const before = engine.memory;
    tensor.dispose();
    tensor.dispose();
    assert.is(engine.memory.pooled, before.pooled + bytes);
    // Were the texture in the pool twice, these two would share it.
    using first = engine.allocate([1, 8, 64, 64]);
    using second = engine.allocate([1, 8, 64, 64]);
    assert.is.not(first.storage.texture, second.storage.texture);
  });
});

test('a tensor that was disposed is an error that names its shape', async () => {
  const engine = await sharedEngine();
  await leakFree(engine, async () => {
    using other = upload(engine, normal([1, 5, 3, 9], 1));
    const tensor = upload(engine, normal([1, 5, 3, 9], 1));
    tensor.dispose();
    const message = /A tensor of shape \[1, 5, 3, 9\] was used after it was disposed/;
    const isError = (error: Error) => error instanceof InputError && message.test(error.message);
    assert.throws(() => tensor.storage, isError);
    assert.throws(() => add(engine, tensor, other), isError);
    assert.throws(() => add(engine, other, tensor), isError);
    assert.ok(isError(await tensor.read().catch((error) => error)));
  });
});

test('an operation on disposed tensors leaves nothing behind', async () => {
  const engine = await sharedEngine();
  for (const { name, inputs, run } of MIX) {
    await leakFree(engine, () => {
      const tensors = inputs.map((input) => upload(engine, input));
      for (const tensor of tensors) tensor.dispose();
      assert.throws(() => run(engine, ...tensors), /was used after it was disposed/, name);
    });
  }
});

test('beyond memoryLimit is a SizeError, but only once the pool is empty', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl), { memoryLimit: 3 * BYTES });
  const [a, b] = [engine.allocate([1, 8, 64, 64]), engine.allocate([1, 8, 64, 64])];
  assert.throws(
    () => engine.allocate([1, 8, 64, 129]),
    (error: Error) =>
      error instanceof SizeError && /\[1, 8, 64, 129\].* exceeds the limit of 393216/.test(error.message),
  );
  assert.is(engine.memory.live, 2 * BYTES);
  b.dispose();
  const c = engine.allocate([1, 8, 64, 128]);
  assert.equal(engine.memory, { live: 3 * BYTES, pooled: 0, peak: 3 * BYTES, fixed: 0 });
  for (const tensor of [a, c]) tensor.dispose();
  engine.dispose();
});

test('what fails for want of memory leaves nothing behind', async () => {
  for (const { name, inputs, run } of MIX) {
    const probe = new Engine(openDevice((await sharedEngine()).gl));
    await operate(inputs, run, probe);
    const { peak } = probe.memory;
    probe.dispose();
    const engine = new Engine(openDevice((await sharedEngine()).gl), { memoryLimit: peak - 1 });
    const error = await operate(inputs, run, engine).catch((reason) => reason);
    assert.instance(error, SizeError, name);
    engine.dispose();
  }
});

test('memoryLimit is a number above 0', () => {
  const device = openDevice();
  for (const memoryLimit of [0, -1, Number.NaN])
    assert.throws(
      () => new Engine(device, { memoryLimit }),
      (error: Error) => error instanceof InputError && error.message.includes(`above 0, not ${memoryLimit}`),
    );
  device.gl.getExtension('WEBGL_lose_context')?.loseContext();
});

test('a rehearsal counts the bytes, draws and kernels of a run', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const rehearsal = new Rehearsal(engine.format);
  const draws = engine.draws;
  for (const recorder of [engine, rehearsal]) {
    using x = recorder.allocate([2, 5, 40, 30]);
    using y = add(recorder, x, x);
    using z = transpose(recorder, y);
    using mean = globalMean(recorder, z);
    assert.equal(mean.shape, [2, 5, 1, 1]);
  }
  assert.is(rehearsal.peakBytes, engine.memory.peak);
  assert.is(rehearsal.draws, engine.draws - draws);
  assert.is(rehearsal.kernels.size, engine.created.programs);
  engine.dispose();
});

test.run();
