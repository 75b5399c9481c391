/** Bytes and objects on the GPU: nobody else frees them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add } from '../../src/ops/elementwise.ts';
import { globalMean } from '../../src/ops/global_mean.ts';
import { transpose } from '../../src/ops/rearrange.ts';
import { Arena } from '../../src/tensor/arena.ts';
import { closeDevice, openDevice } from '../../src/tensor/device.ts';
import { Engine } from '../../src/tensor/engine.ts';
import { InputError, KernelError, SizeError } from '../../src/tensor/errors.ts';
import { layoutOf, reflow } from '../../src/tensor/layout.ts';
import { planMemory, type Use } from '../../src/tensor/memory_plan.ts';
import { extentOf } from '../../src/tensor/pool.ts';
import type { Recorder } from '../../src/tensor/recorder.ts';
import { Rehearsal } from '../../src/tensor/rehearsal.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { normal, random } from '../reference/array.ts';
import { leakFree, operate, sharedEngine, upload } from '../support/engine.ts';
import { MIX } from '../support/operations.ts';

const test = suite('memory');

/** A tensor of 8 channels in 72 x 65 pixels takes 2 quads x 4680 pixels x 16 bytes, since no side of its texture is a power of two. */
const BYTES = 2 * 72 * 65 * 16;

test('bytes in use, kept, and most at once', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const a = engine.allocate([1, 8, 65, 72]);
  assert.equal(engine.memory, { live: BYTES, pooled: 0, peak: BYTES, fixed: 0 });
  const b = engine.allocate([1, 6, 65, 72]);
  a.dispose();
  assert.equal(engine.memory, { live: BYTES, pooled: BYTES, peak: 2 * BYTES, fixed: 0 });
  // Another shape of the same texture.
  const c = engine.allocate([2, 3, 65, 71]);
  assert.equal(engine.memory, { live: 2 * BYTES, pooled: 0, peak: 2 * BYTES, fixed: 0 });
  assert.is(engine.created.textures, 2);
  for (const tensor of [b, c]) tensor.dispose();
  engine.trim();
  assert.equal(engine.memory, { live: 0, pooled: 0, peak: 2 * BYTES, fixed: 0 });
  engine.dispose();
});

test('weights and pictures count until they are disposed', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const weights = engine.weights(new Float32Array(36), 3, 3);
  const picture = engine.picture(5, 7);
  assert.is(weights.bytes, 144);
  assert.is(engine.memory.fixed, 144 + 140);
  for (const disposable of [weights, weights, picture, picture]) disposable.dispose();
  assert.is(engine.memory.fixed, 0);
  assert.throws(() => weights.texture, /Weights of 3 x 3 texels were used after they were disposed/);
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
  const [a, b] = [engine.allocate([1, 8, 65, 72]), engine.allocate([1, 8, 65, 72])];
  assert.throws(
    () => engine.allocate([1, 8, 65, 145]),
    (error: Error) =>
      error instanceof SizeError && /\[1, 8, 65, 145\].* exceeds the limit of 449280/.test(error.message),
  );
  assert.is(engine.memory.live, 2 * BYTES);
  b.dispose();
  const c = engine.allocate([1, 8, 65, 144]);
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

test('without a memoryLimit it is half of what the browser says that the machine has', async () => {
  const { gl } = await sharedEngine();
  const limitWith = (deviceMemory: number | undefined): number => {
    Object.defineProperty(navigator, 'deviceMemory', { value: deviceMemory, configurable: true });
    const engine = new Engine(openDevice(gl));
    engine.dispose();
    return engine.memoryLimit;
  };
  try {
    assert.is(limitWith(2), 2 ** 30);
    assert.is(limitWith(0.5), 2 ** 28);
    assert.is(limitWith(undefined), 2 ** 32);
  } finally {
    Reflect.deleteProperty(navigator, 'deviceMemory'); // that of the prototype shows again
  }
});

test('memoryLimit is a number above 0', () => {
  const device = openDevice();
  for (const memoryLimit of [0, -1, Number.NaN])
    assert.throws(
      () => new Engine(device, { memoryLimit }),
      (error: Error) => error instanceof InputError && error.message.includes(`above 0, not ${memoryLimit}`),
    );
  closeDevice(device);
});

/** The mean of a transposed sum: four tensors, of which the second can take the place of none, the third that of the first. */
function small(recorder: Recorder): Tensor {
  using x = recorder.allocate([2, 5, 32, 32]);
  using y = add(recorder, x, x);
  x.dispose();
  using z = transpose(recorder, y);
  return globalMean(recorder, z);
}

test('a rehearsal counts the draws and kernels of a run, and plans its textures', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const rehearsal = new Rehearsal(engine.format);
  small(rehearsal).dispose();
  const plan = rehearsal.memoryPlan;
  const draws = engine.draws;
  for (let i = 0; i < 3; i++) {
    using arena = new Arena(engine, plan);
    small(arena).dispose();
    assert.is(arena.draws, rehearsal.draws);
    assert.is(engine.memory.live, plan.bytes);
  }
  assert.is(rehearsal.draws, (engine.draws - draws) / 3);
  assert.is(rehearsal.kernels.size, engine.created.programs);
  assert.equal(engine.memory, { live: 0, pooled: plan.bytes, peak: plan.bytes, fixed: 0 });
  assert.is(engine.created.textures, plan.textures.length);
  assert.is(plan.places[2], plan.places[0]);
  engine.dispose();
});

test('an arena does what was rehearsed and nothing else, and loses no texture', async () => {
  const engine = new Engine(openDevice((await sharedEngine()).gl));
  const rehearsal = new Rehearsal(engine.format);
  small(rehearsal).dispose();
  const plan = rehearsal.memoryPlan;
  const arena = new Arena(engine, plan);
  arena.allocate([2, 5, 32, 32]);
  const unplanned = (error: Error) => error instanceof KernelError && error.message.includes('[1, 64, 32, 32]');
  assert.throws(() => arena.allocate([1, 64, 32, 32]), unplanned);
  arena.dispose();
  assert.equal(engine.memory, { live: 0, pooled: plan.bytes, peak: plan.bytes, fixed: 0 });
  engine.dispose();

  const narrow = new Engine(openDevice((await sharedEngine()).gl), { memoryLimit: plan.bytes - 1 });
  assert.throws(
    () => new Arena(narrow, plan),
    (error: Error) => error instanceof SizeError,
  );
  assert.is(narrow.memory.live, 0);
  narrow.dispose();
});

test('planned textures hold one tensor at a time, and not much more than the fullest moment', () => {
  const numbers = random(7);
  for (let round = 0; round < 20; round++) {
    const uses = randomUses(numbers, 60);
    const { textures, places, bytes } = planMemory(uses);
    assert.is(places.length, uses.length);
    uses.forEach((use, i) => {
      const { width, height } = textures[places[i]];
      assert.ok(reflow(use.layout, width, height));
      uses.forEach((other, k) => {
        if (k !== i && places[k] === places[i]) assert.ok(other.to < use.from || other.from > use.to);
      });
    });
    const fullest = Math.max(
      ...uses.map(({ from }) => {
        const there = uses.filter((use) => use.from <= from && use.to >= from);
        return there.reduce((sum, { layout }) => sum + extentOf(layout).bytes, 0);
      }),
    );
    assert.ok(bytes >= fullest && bytes <= 2 * fullest, `${bytes} for ${fullest}`);
  }
});

/** Tensors of several sizes that come and go. */
function randomUses(next: () => number, count: number): Use[] {
  const below = (n: number): number => Math.floor(next() * n);
  const uses: Use[] = [];
  const ongoing: Use[] = [];
  for (let clock = 0; uses.length < count; clock++) {
    if (ongoing.length > 0 && (ongoing.length > 8 || next() < 0.5)) {
      ongoing.splice(below(ongoing.length), 1)[0].to = clock;
    } else {
      const side = 8 * 2 ** below(4);
      const layout = layoutOf([1, 4 * (1 + below(12)), side, side], { pixels: 8, quads: 1 }, 2048);
      const use = { layout, from: clock, to: Number.POSITIVE_INFINITY };
      uses.push(use);
      ongoing.push(use);
    }
  }
  return uses;
}

test('a picture from what is no image leaves nothing', async () => {
  const engine = await sharedEngine();
  await leakFree(engine, () => assert.throws(() => engine.picture(7, 5, {} as ImageBitmap)));
});

test.run();
